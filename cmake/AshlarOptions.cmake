# Build options, as one linked target: nothing is set globally but the language standard.

option(ASHLAR_TESTS "Build the tests" ON)
option(ASHLAR_BENCHES "Build the benches" OFF)
option(ASHLAR_FUZZERS "Build the libFuzzer targets (needs clang)" OFF)
option(ASHLAR_WERROR "Warnings are errors" ON)
set(ASHLAR_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(ASHLAR_CCACHE ccache)
if(ASHLAR_CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${ASHLAR_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${ASHLAR_CCACHE})
endif()

add_library(ashlar_options INTERFACE)
add_library(ashlar::options ALIAS ashlar_options)
target_include_directories(ashlar_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ashlar_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wold-style-cast
    $<$<BOOL:${ASHLAR_WERROR}>:-Werror>
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
if(CMAKE_UNITY_BUILD)
    # g++ takes a unity build's sources for headers, where anonymous namespaces would be a mistake.
    target_compile_options(ashlar_options INTERFACE
        $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(ASHLAR_SANITIZE)
    # -g1: names and lines, all that a report shows.
    target_compile_options(ashlar_options INTERFACE
        -fsanitize=${ASHLAR_SANITIZE} -fno-omit-frame-pointer -g1)
    target_link_options(ashlar_options INTERFACE -fsanitize=${ASHLAR_SANITIZE})
endif()
if(ASHLAR_FUZZERS)
    # Coverage in every library, so that the fuzzers see into the parsers they drive.
    target_compile_options(ashlar_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
