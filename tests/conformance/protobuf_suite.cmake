# The runner of protobuf's conformance suite, its test messages, and our testee. All of it without optimization: it runs for
# a second, and would compile for minutes.
set(conformance_dir ${FEDERATION_PROTOBUF_SOURCE}/conformance)
file(READ ${FEDERATION_PROTOBUF_SOURCE}/configure.ac configure_ac)
if(NOT configure_ac MATCHES "AC_INIT\\(\\[Protocol Buffers\\],\\[${Protobuf_VERSION}\\]")
  message(FATAL_ERROR "${FEDERATION_PROTOBUF_SOURCE} is not the source of the installed protobuf ${Protobuf_VERSION}")
endif()

add_library(conformance_protocol STATIC)
federation_protoc(TARGET conformance_protocol PROTOS conformance.proto IMPORT_DIRS ${conformance_dir})
target_compile_options(conformance_protocol PRIVATE -O0)
target_link_libraries(conformance_protocol PUBLIC protobuf::libprotobuf)

add_library(conformance_messages STATIC)
federation_generate(TARGET conformance_messages
  PROTOS google/protobuf/test_messages_proto3.proto
  IMPORT_DIRS ${FEDERATION_PROTOBUF_SOURCE}/src)
target_compile_options(conformance_messages PRIVATE -O0)
target_link_libraries(conformance_messages PRIVATE federation_options)

add_executable(conformance_testee conformance_testee.cc)
target_link_libraries(conformance_testee PRIVATE federation_options conformance_protocol conformance_messages)

# Apart from the testee, so that nothing of ours can break the judge.
add_library(conformance_judge STATIC)
federation_protoc(TARGET conformance_judge
  PROTOS google/protobuf/test_messages_proto2.proto google/protobuf/test_messages_proto3.proto
  IMPORT_DIRS ${FEDERATION_PROTOBUF_SOURCE}/src)
target_link_libraries(conformance_judge PUBLIC protobuf::libprotobuf)
target_compile_options(conformance_judge PRIVATE -O0)

add_executable(conformance_test_runner
  ${conformance_dir}/binary_json_conformance_suite.cc
  ${conformance_dir}/conformance_test.cc
  ${conformance_dir}/conformance_test_main.cc
  ${conformance_dir}/conformance_test_runner.cc
  ${conformance_dir}/text_format_conformance_suite.cc
  ${conformance_dir}/third_party/jsoncpp/jsoncpp.cpp)
target_compile_options(conformance_test_runner PRIVATE -O0 -w)
target_include_directories(conformance_test_runner PRIVATE ${conformance_dir} ${FEDERATION_PROTOBUF_SOURCE}/src)
target_link_libraries(conformance_test_runner PRIVATE conformance_protocol conformance_judge Threads::Threads)

# Required and recommended cases, and no list of cases that may fail. The numbers are those of protobuf 3.21.12: skipped are the
# suite of proto2 and what has to do with the text format, and nothing else.
add_test(NAME conformance/ProtobufsOwnSuite
  COMMAND conformance_test_runner --enforce_recommended $<TARGET_FILE:conformance_testee>)
set_tests_properties(conformance/ProtobufsOwnSuite PROPERTIES PASS_REGULAR_EXPRESSION
  "CONFORMANCE SUITE PASSED: 1364 successes, 653 skipped, 0 expected failures, 0 unexpected failures")
