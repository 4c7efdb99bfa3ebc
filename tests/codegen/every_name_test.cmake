# Compiles what protoc and the generator make of every name that the generator takes, in every role: keywords, names
# that protoc's code and ours use, and the macros that the code sees.
file(REMOVE_RECURSE ${work_dir})
file(MAKE_DIRECTORY ${work_dir})
separate_arguments(includes UNIX_COMMAND "${includes}")

function(run)
  cmake_parse_arguments(arg "" "INPUT;OUTPUT" "" ${ARGN})
  set(files)
  if(arg_INPUT)
    list(APPEND files INPUT_FILE ${arg_INPUT})
  endif()
  if(arg_OUTPUT)
    list(APPEND files OUTPUT_FILE ${arg_OUTPUT})
  else()
    list(APPEND files OUTPUT_VARIABLE output)
  endif()
  execute_process(COMMAND ${arg_UNPARSED_ARGUMENTS} ${files} ERROR_VARIABLE errors RESULT_VARIABLE failed)
  if(failed)
    string(SUBSTRING "${errors}" 0 3000 errors)
    message(FATAL_ERROR "${arg_UNPARSED_ARGUMENTS}: ${failed}\n${errors}")
  endif()
endfunction()

function(generate schema)
  run(${protoc} --proto_path=${work_dir} --proto_path=${proto_dir} --cpp_out=${work_dir} --federation_out=${work_dir}
    --plugin=protoc-gen-federation=${plugin} ${schema}.proto)
endfunction()

function(compile source)
  run(${cxx_compiler} -std=gnu++20 -fsyntax-only -fmax-errors=5 -w -I${work_dir} ${includes} ${work_dir}/${source})
endfunction()

# The macros, behind the headers of one schema that has everything. Those without arguments are in the way of any name
# (guards of headers aside, which nobody takes for one); those with arguments, of functions and constructors.
file(WRITE ${work_dir}/all.proto "syntax = \"proto3\";
import \"google/protobuf/any.proto\";
import \"google/protobuf/timestamp.proto\";
message M {
  map<string, M> m = 1;
  google.protobuf.Any any = 2;
  google.protobuf.Timestamp time = 3;
  double number = 4;
  oneof o { bytes data = 5; E e = 6; }
}
enum E { A = 0; }
service S { rpc Find(M) returns (M); }
")
generate(all)
run(${cxx_compiler} -std=gnu++20 -E -dM -I${work_dir} ${includes} ${work_dir}/all.federation.cc OUTPUT ${work_dir}/macros.h)
file(STRINGS ${work_dir}/macros.h macros REGEX "^#define [A-Za-z]")
set(plain_macros)
set(function_macros)
foreach(macro IN LISTS macros)
  if(macro MATCHES "_H_* *$|GOOGLE_PROTOBUF_INCLUDED_")
    continue()
  elseif(macro MATCHES "^#define ([A-Za-z0-9_]+)\\(")
    list(APPEND function_macros ${CMAKE_MATCH_1})
  elseif(macro MATCHES "^#define ([A-Za-z0-9_]+)")
    list(APPEND plain_macros ${CMAKE_MATCH_1})
  endif()
endforeach()
list(LENGTH plain_macros count)
if(count LESS 500)
  message(FATAL_ERROR "found ${count} macros, which cannot be all")
endif()

file(READ ${words_file} words)
string(REGEX REPLACE "[ \n]+" "\n" words "${words}")
string(REPLACE ";" "\n" plain_macros "${plain_macros}")
string(REPLACE ";" "\n" function_macros "${function_macros}")

foreach(role message nested_message enum nested_enum value nested_value field oneof)
  set(names "${words}")
  if(role STREQUAL "value")
    string(APPEND names "${plain_macros}\n")
  elseif(role MATCHES "^(field|message)$")
    string(APPEND names "${function_macros}\n")
  endif()
  file(WRITE ${work_dir}/${role}.names "${names}")
  run(${every_name} ${role} INPUT ${work_dir}/${role}.names OUTPUT ${work_dir}/${role}.proto)
  generate(${role})
  compile(${role}.pb.cc)
  compile(${role}.federation.cc)
endforeach()
