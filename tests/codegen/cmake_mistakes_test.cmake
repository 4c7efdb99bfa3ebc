# federation_generate says what is wrong with its arguments, when a project is configured.
# Configures a project with `lines`, which must fail and say `want`, or succeed where that is empty.
function(expect name want lines)
  set(dir ${work_dir}/${name})
  file(REMOVE_RECURSE ${dir})
  file(MAKE_DIRECTORY ${dir}/schemas/chat ${dir}/below)
  file(WRITE ${dir}/schemas/chat/chat.proto "syntax = \"proto3\";\n")
  file(WRITE ${dir}/beside.proto "syntax = \"proto3\";\n")
  file(WRITE ${dir}/empty.cc "")
  file(WRITE ${dir}/below/CMakeLists.txt "add_library(below STATIC ../empty.cc)\n")
  file(WRITE ${dir}/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(Mistake LANGUAGES CXX)
include(${module})
add_library(Federation::schema INTERFACE IMPORTED)
foreach(program protobuf::protoc Federation::protoc-gen-federation)
  add_executable(\${program} IMPORTED)
  set_target_properties(\${program} PROPERTIES IMPORTED_LOCATION ${CMAKE_COMMAND})
endforeach()
add_library(chat STATIC empty.cc)
add_subdirectory(below)
${lines}
")
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${dir} -B ${dir}/build -G ${generator} -DCMAKE_CXX_COMPILER=${cxx_compiler}
    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  # CMake breaks lines.
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  string(REPLACE "@DIR@" "${dir}" want "${want}")
  string(FIND "${output}" "${want}" found)
  if(want STREQUAL "" AND failed)
    message(SEND_ERROR "${name}: want success, got:\n${output}")
  elseif(NOT want STREQUAL "" AND (NOT failed OR found EQUAL -1))
    message(SEND_ERROR "${name}: want `${want}`, got:\n${output}")
  endif()
endfunction()

expect(no_mistake "" "federation_generate(TARGET chat PROTOS chat/chat.proto IMPORT_DIRS schemas)")
expect(no_target "federation_generate: want TARGET and PROTOS" "federation_generate(PROTOS beside.proto)")
expect(no_protos "federation_generate: want TARGET and PROTOS" "federation_generate(TARGET chat)")
expect(unknown_argument "federation_generate: unknown arguments: PROTO;beside.proto"
  "federation_generate(TARGET chat PROTO beside.proto PROTOS beside.proto)")
expect(missing_target "federation_generate: talk is no target; add it before"
  "federation_generate(TARGET talk PROTOS beside.proto)")
expect(target_of_another_directory "federation_generate: below belongs to @DIR@/below; generate its sources there"
  "federation_generate(TARGET below PROTOS beside.proto)")
expect(target_without_sources "federation_generate: headers compiles nothing, as its type is INTERFACE_LIBRARY"
  "add_library(headers INTERFACE)\nfederation_generate(TARGET headers PROTOS beside.proto)")
expect(missing_schema "federation_generate: chat/talk.proto is in none of IMPORT_DIRS: @DIR@/schemas"
  "federation_generate(TARGET chat PROTOS chat/talk.proto IMPORT_DIRS schemas)")
expect(schema_outside_of_import_dirs "federation_generate: beside.proto is in none of IMPORT_DIRS: @DIR@/schemas"
  "federation_generate(TARGET chat PROTOS beside.proto IMPORT_DIRS schemas)")
expect(schema_above_import_dirs
  "federation_generate: ../beside.proto has to be named as others import it, from one of IMPORT_DIRS on: @DIR@/schemas"
  "federation_generate(TARGET chat PROTOS ../beside.proto IMPORT_DIRS schemas)")
expect(absolute_schema
  "federation_generate: @DIR@/beside.proto has to be named as others import it, from one of IMPORT_DIRS on: @DIR@"
  "federation_generate(TARGET chat PROTOS \${CMAKE_CURRENT_SOURCE_DIR}/beside.proto)")
expect(not_a_schema "federation_generate: empty.cc is no schema: its name does not end in .proto"
  "federation_generate(TARGET chat PROTOS empty.cc)")
expect(missing_import_dir "federation_generate: @DIR@/schema of IMPORT_DIRS is no directory"
  "federation_generate(TARGET chat PROTOS chat/chat.proto IMPORT_DIRS schema)")
expect(same_schema_twice "federation_generate: beside.proto is in chat already"
  "federation_generate(TARGET chat PROTOS beside.proto beside.proto)")
expect(protoc_alone "federation_protoc: talk.proto is in none of IMPORT_DIRS: @DIR@"
  "federation_protoc(TARGET chat PROTOS talk.proto)")
