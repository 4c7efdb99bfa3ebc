# federation_extract_files(MARKDOWN OUTPUT_DIR): writes each block of code that follows a line `<!-- file: NAME -->` to
# OUTPUT_DIR/NAME, so that what a page shows is what is compiled. A page that changes is read again.
function(federation_extract_files markdown output_dir)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${markdown})
  file(READ ${markdown} rest)
  while(rest MATCHES "<!-- file: ([A-Za-z0-9_./]+) -->\n```[a-z]+\n")
    set(name ${CMAKE_MATCH_1})
    string(FIND "${rest}" "${CMAKE_MATCH_0}" start)
    string(LENGTH "${CMAKE_MATCH_0}" length)
    math(EXPR start "${start} + ${length}")
    string(SUBSTRING "${rest}" ${start} -1 rest)
    string(FIND "${rest}" "\n```" length)
    math(EXPR length "${length} + 1")
    string(SUBSTRING "${rest}" 0 ${length} content)
    # Written only if it has changed, so that nothing is compiled again for nothing.
    file(CONFIGURE OUTPUT ${output_dir}/${name} CONTENT "${content}" @ONLY)
  endwhile()
endfunction()
