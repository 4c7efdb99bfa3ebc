# Builds a copy of the consumer project, runs it, changes an imported schema, and looks at what is generated again.
file(REMOVE_RECURSE ${work_dir})
file(COPY ${source_dir}/ DESTINATION ${work_dir}/source)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    message(FATAL_ERROR "${ARGN} failed (${failed}):\n${output}")
  endif()
endfunction()

# Sets `result` to the time at which the generated files of a schema were written.
function(generation_time result stem)
  file(TIMESTAMP ${work_dir}/build/generated/consumer/${stem}.federation.cc time "%s.%f")
  if(NOT time)
    message(FATAL_ERROR "${stem}.federation.cc was not generated")
  endif()
  set(${result} ${time} PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} -S ${work_dir}/source -B ${work_dir}/build -G ${generator}
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${cxx_compiler} -DCMAKE_CXX_COMPILER_LAUNCHER=${launcher})
run(${CMAKE_COMMAND} --build ${work_dir}/build)
run(${work_dir}/build/consumer_main ${work_dir}/consumer.db)

set(stems chat/v1/chat chat/v1/rooms chat/v1/presence)
foreach(stem IN LISTS stems)
  generation_time(before_${stem} ${stem})
endforeach()

# chat.proto imports rooms.proto; presence.proto does not.
file(APPEND ${work_dir}/source/chat/v1/rooms.proto "\nmessage Door {}\n")
run(${CMAKE_COMMAND} --build ${work_dir}/build)
foreach(stem IN LISTS stems)
  generation_time(after ${stem})
  string(COMPARE NOTEQUAL ${before_${stem}} ${after} generated)
  string(COMPARE NOTEQUAL ${stem} chat/v1/presence wanted)
  if(NOT generated STREQUAL wanted)
    message(FATAL_ERROR "${stem}.proto after a change of rooms.proto: generated again: ${generated}, wanted: ${wanted}")
  endif()
endforeach()
