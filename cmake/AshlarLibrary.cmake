# ashlar_library(NAME [ARITHMETIC] HEADERS … SOURCES … PUBLIC … PRIVATE …)
#
# One static library per folder, target ashlar_NAME, alias ashlar::NAME. Its list of links is all
# that it may see. HEADERS become a file set, so each is also compiled alone
# (target all_verify_interface_header_sets). ARITHMETIC is optimised in Debug too, where tests
# would take hours without.
function(ashlar_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "ARITHMETIC" "" "HEADERS;SOURCES;PUBLIC;PRIVATE")
    string(REPLACE "-" "_" target ashlar_${name})
    add_library(${target} STATIC)
    add_library(ashlar::${name} ALIAS ${target})
    target_sources(${target}
        PRIVATE ${arg_SOURCES}
        PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_CURRENT_SOURCE_DIR}/.. FILES ${arg_HEADERS})
    target_link_libraries(${target} PUBLIC ashlar::options ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    if(arg_ARITHMETIC)
        target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O2>)
    endif()
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# ashlar_program(NAME SOURCES … LINK …)
function(ashlar_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ashlar::options ${arg_LINK})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()
