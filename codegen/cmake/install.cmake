# What `cmake --install` puts in place: the generator, the headers, the schemas, the libraries, and the package that
# find_package(Federation) finds. Included by the top directory, behind the parts.
include(CMakePackageConfigHelpers)

# Everything that an embedder links.
add_library(federation_runtime INTERFACE)
target_link_libraries(federation_runtime INTERFACE federation_node federation_store federation_schema)

set(federation_exported_libraries
  federation_annotations
  federation_delivery
  federation_directory
  federation_discovery
  federation_headers
  federation_https
  federation_json
  federation_link
  federation_log
  federation_node
  federation_rpc
  federation_runtime
  federation_schema
  federation_store
  federation_transport
  federation_update)
foreach(library IN LISTS federation_exported_libraries)
  string(REGEX REPLACE "^federation_" "" exported_name ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${exported_name})
endforeach()

install(TARGETS protoc-gen-federation ${federation_exported_libraries} EXPORT FederationTargets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

install(DIRECTORY ${PROJECT_SOURCE_DIR}/runtime/include/federation DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/federation/v1 DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/federation
  FILES_MATCHING PATTERN "*.proto")
foreach(library federation_annotations federation_schema)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/proto/generated/${library}/federation
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
endforeach()

set(federation_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Federation)
install(EXPORT FederationTargets NAMESPACE Federation:: DESTINATION ${federation_package_dir})
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/FederationConfig.cmake.in ${PROJECT_BINARY_DIR}/FederationConfig.cmake
  INSTALL_DESTINATION ${federation_package_dir}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/FederationConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/FederationConfig.cmake
  ${PROJECT_BINARY_DIR}/FederationConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FederationGenerate.cmake
  DESTINATION ${federation_package_dir})

# The same for who builds without CMake. Its paths start at the file itself, so that --prefix may be any.
set(federation_pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH federation_pkgconfig_prefix /prefix/${federation_pkgconfig_dir} /prefix)
string(REGEX REPLACE "/$" "" federation_pkgconfig_prefix ${federation_pkgconfig_prefix})
configure_file(${CMAKE_CURRENT_LIST_DIR}/federation.pc.in ${PROJECT_BINARY_DIR}/federation.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/federation.pc DESTINATION ${federation_pkgconfig_dir})
