# Third-party libraries: Debian's packages, and blst with the trusted setup from the npm package
# c-kzg (third_party/package-lock.json pins it by integrity hash).

set(ASHLAR_CKZG_ROOT ${PROJECT_SOURCE_DIR}/third_party/node_modules/c-kzg/deps/c-kzg
    CACHE PATH "c-kzg sources: the trusted setup, and the oracle of tests and benches")
set(ASHLAR_BLST_ROOT ${PROJECT_SOURCE_DIR}/third_party/node_modules/c-kzg/deps/blst
    CACHE PATH "blst sources")
if(NOT EXISTS ${ASHLAR_BLST_ROOT}/src/server.c OR NOT EXISTS ${ASHLAR_CKZG_ROOT}/trusted_setup.txt)
    message(FATAL_ERROR "blst or the trusted setup is missing: run "
        "`npm ci --ignore-scripts` in third_party/, or set ASHLAR_BLST_ROOT and ASHLAR_CKZG_ROOT")
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(grpc_reflection REQUIRED IMPORTED_TARGET grpc++)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(CURL REQUIRED)

# blst as its own build.sh compiles it; __BLST_PORTABLE__ picks ADX code at run time.
add_library(ashlar_blst STATIC
    ${ASHLAR_BLST_ROOT}/src/server.c ${ASHLAR_BLST_ROOT}/build/assembly.S)
add_library(ashlar::blst ALIAS ashlar_blst)
target_include_directories(ashlar_blst SYSTEM PUBLIC ${ASHLAR_BLST_ROOT}/bindings)
target_compile_definitions(ashlar_blst PRIVATE __BLST_PORTABLE__)
target_compile_options(ashlar_blst PRIVATE -O2 -fno-builtin -w)
