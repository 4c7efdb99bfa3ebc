# Code generation from schemas.
#
#   federation_generate(TARGET t PROTOS a/v1/a.proto b/v1/b.proto [IMPORT_DIRS dir...])
#
# Generates a/v1/a.pb.{h,cc} and a/v1/a.federation.{h,cc} for each schema, and adds them to the existing target `t` of the
# same directory. PROTOS are relative to one of IMPORT_DIRS, which are relative to the current source directory and default
# to it; schemas import each other by those names, and "federation/v1/annotations.proto" by its own. Includes of the
# generated headers go by those names, too: "a/v1/a.federation.h". What links `t` sees them.
#
# A schema is compiled again if it, a file that it imports, or the generator has changed.

# Where federation/v1/*.proto is. The package's configuration says so for an installed tree.
if(Federation_PROTO_DIR)
  set_property(GLOBAL PROPERTY federation_proto_dir "${Federation_PROTO_DIR}")
else()
  cmake_path(SET _federation_proto_dir NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../proto")
  set_property(GLOBAL PROPERTY federation_proto_dir "${_federation_proto_dir}")
endif()

function(federation_generate)
  _federation_parse(federation_generate ${ARGN})
  foreach(proto IN LISTS arg_PROTOS)
    _federation_run(cpp pb "${proto}")
    _federation_run(federation federation "${proto}")
  endforeach()
  # The standard schema is what this very function makes of it: it cannot link itself.
  if(NOT arg_TARGET STREQUAL "federation_schema")
    _federation_name(schema federation_schema)
    target_link_libraries(${arg_TARGET} PUBLIC ${schema})
  endif()
endfunction()

# The same with protoc's own C++ generator alone: no .federation.{h,cc}, and nothing is linked.
function(federation_protoc)
  _federation_parse(federation_protoc ${ARGN})
  foreach(proto IN LISTS arg_PROTOS)
    _federation_run(cpp pb "${proto}")
  endforeach()
endfunction()

# Checks the arguments of the functions above, and leaves in the caller's scope arg_TARGET, arg_PROTOS, arg_IMPORT_DIRS
# (absolute), output_dir, and function, its own name for messages.
macro(_federation_parse name)
  set(function ${name})
  cmake_parse_arguments(arg "" "TARGET" "PROTOS;IMPORT_DIRS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${function}: unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TARGET OR NOT arg_PROTOS)
    message(FATAL_ERROR "${function}: want TARGET and PROTOS")
  endif()
  if(NOT TARGET ${arg_TARGET})
    message(FATAL_ERROR "${function}: ${arg_TARGET} is no target; add it before")
  endif()
  get_target_property(target_type ${arg_TARGET} TYPE)
  if(NOT target_type MATCHES "^(EXECUTABLE|(STATIC|SHARED|MODULE|OBJECT)_LIBRARY)$")
    message(FATAL_ERROR "${function}: ${arg_TARGET} compiles nothing, as its type is ${target_type}")
  endif()
  get_target_property(target_dir ${arg_TARGET} SOURCE_DIR)
  if(NOT target_dir STREQUAL CMAKE_CURRENT_SOURCE_DIR)
    message(FATAL_ERROR "${function}: ${arg_TARGET} belongs to ${target_dir}; generate its sources there")
  endif()
  if(NOT arg_IMPORT_DIRS)
    set(arg_IMPORT_DIRS ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  set(import_dirs)
  foreach(dir IN LISTS arg_IMPORT_DIRS)
    cmake_path(ABSOLUTE_PATH dir BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    if(NOT IS_DIRECTORY ${dir})
      message(FATAL_ERROR "${function}: ${dir} of IMPORT_DIRS is no directory")
    endif()
    list(APPEND import_dirs ${dir})
  endforeach()
  set(arg_IMPORT_DIRS ${import_dirs})
  set(output_dir ${CMAKE_CURRENT_BINARY_DIR}/generated/${arg_TARGET})
  file(MAKE_DIRECTORY ${output_dir})
  target_include_directories(${arg_TARGET} PUBLIC $<BUILD_INTERFACE:${output_dir}>)
endmacro()

# The name of a target of this project: `target` inside of its build, else the exported one.
function(_federation_name result target)
  if(TARGET ${target})
    set(${result} ${target} PARENT_SCOPE)
  else()
    string(REGEX REPLACE "^federation_" "" exported ${target})
    set(${result} Federation::${exported} PARENT_SCOPE)
  endif()
endfunction()

# Sets `result` to the file that `proto` is.
function(_federation_find_proto result proto)
  if(NOT proto MATCHES "\\.proto$")
    message(FATAL_ERROR "${function}: ${proto} is no schema: its name does not end in .proto")
  endif()
  if(IS_ABSOLUTE ${proto} OR proto MATCHES "(^|/)\\.\\.?(/|$)")
    message(FATAL_ERROR
      "${function}: ${proto} has to be named as others import it, from one of IMPORT_DIRS on: ${arg_IMPORT_DIRS}")
  endif()
  foreach(dir IN LISTS arg_IMPORT_DIRS)
    if(EXISTS ${dir}/${proto})
      set(${result} ${dir}/${proto} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "${function}: ${proto} is in none of IMPORT_DIRS: ${arg_IMPORT_DIRS}")
endfunction()

# Adds the run of one generator of protoc over one schema. `infix` is what the generator puts between the schema's name
# and the endings .h and .cc.
function(_federation_run generator infix proto)
  _federation_find_proto(file ${proto})
  get_property(generated DIRECTORY PROPERTY federation_generated_${arg_TARGET})
  if("${infix} ${proto}" IN_LIST generated)
    message(FATAL_ERROR "${function}: ${proto} is in ${arg_TARGET} already")
  endif()
  set_property(DIRECTORY APPEND PROPERTY federation_generated_${arg_TARGET} "${infix} ${proto}")
  string(REGEX REPLACE "\\.proto$" "" stem ${proto})
  # In protoc's order: Ninja takes a dependency file only if the first file in it is the command's first output.
  set(outputs ${output_dir}/${stem}.${infix}.cc ${output_dir}/${stem}.${infix}.h)
  set(depfile ${output_dir}/${stem}.${infix}.d)
  get_filename_component(depfile_dir ${depfile} DIRECTORY)
  file(MAKE_DIRECTORY ${depfile_dir})

  get_property(standard_dir GLOBAL PROPERTY federation_proto_dir)
  set(imports ${arg_IMPORT_DIRS} ${standard_dir})
  list(REMOVE_DUPLICATES imports)
  list(TRANSFORM imports PREPEND --proto_path=)
  set(plugin)
  set(plugin_target)
  if(generator STREQUAL "federation")
    _federation_name(plugin_target protoc-gen-federation)
    set(plugin --plugin=protoc-gen-federation=$<TARGET_FILE:${plugin_target}>)
  endif()
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND protobuf::protoc ${imports} ${plugin} --${generator}_out=${output_dir} --dependency_out=${depfile} ${proto}
    DEPENDS ${file} ${plugin_target}
    DEPFILE ${depfile}
    COMMENT "Generating ${stem}.${infix}.{h,cc}"
    VERBATIM)
  target_sources(${arg_TARGET} PRIVATE ${outputs})
  if(generator STREQUAL "cpp")
    # Whatever the target warns of: nobody here can mend what protoc writes, such as its own use of deprecated values.
    set_source_files_properties(${outputs} PROPERTIES COMPILE_OPTIONS -w)
  endif()
endfunction()
