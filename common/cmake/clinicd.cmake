# Helpers that give every target the same flags and keep the layers of the design apart:
#   clinicd_library(NAME LAYER common|db|services|clients|server SOURCES ... DEPENDS clinicd targets ... LINK third-party ...)
#   clinicd_program(NAME LAYER ... OUTPUT name SOURCES ... DEPENDS ... LINK ...)
#     a library with PRECOMPILED name of clinicd_precompile(), where that is not clinicd_precompiled
#   clinicd_queries(NAME AREA db/queries/<area> files become constants)
#   clinicd_test(NAME KIND unit|integration|isolation|contract|property|fault SOURCES ... DEPENDS ... LINK ...)
include_guard(GLOBAL)

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(civetweb REQUIRED)
set(Python3_FIND_STRATEGY LOCATION)
set(Python3_ROOT_DIR /usr)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
pkg_check_modules(grpc REQUIRED IMPORTED_TARGET grpc++)
pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-i18n icu-uc)
find_program(CLINICD_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

add_library(clinicd_flags INTERFACE)
target_include_directories(clinicd_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(clinicd_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wnull-dereference
  $<$<BOOL:${CLINICD_WERROR}>:-Werror>)
target_link_libraries(clinicd_flags INTERFACE Threads::Threads)

if(CLINICD_SANITIZE)
  add_compile_options(-fsanitize=${CLINICD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CLINICD_SANITIZE})
  # The optimizer sees paths through sanitizer instrumentation that do not exist.
  target_compile_options(clinicd_flags INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized)
endif()
# Linked into every program.
add_library(clinicd_instrumentation INTERFACE)
if(CLINICD_SANITIZE STREQUAL "thread")
  add_library(clinicd_tsan OBJECT ${PROJECT_SOURCE_DIR}/common/tsan/mutex.cc)
  target_link_libraries(clinicd_instrumentation INTERFACE clinicd_tsan $<TARGET_OBJECTS:clinicd_tsan>)
  target_link_libraries(clinicd_tsan PUBLIC absl::synchronization ${CMAKE_DL_LIBS})
endif()
# The same everywhere, since headers that were precompiled with one are of no use with another.
add_compile_options(-fPIE -pthread)
# gRPC's flags have it, for Windows.
add_compile_definitions(NOMINMAX)
if(CLINICD_COVERAGE)
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS
    -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  add_link_options(-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
endif()

# A target may use targets of a smaller number; the same number only where the layer says so, or
# inside one folder: a service may keep its rules in a target that builds without the database.
set(CLINICD_LAYERS proto common db services clients server tests)
set(CLINICD_LAYERS_OPEN_INSIDE proto common db clients server tests)

function(clinicd_check_layers name layer)
  list(FIND CLINICD_LAYERS ${layer} own)
  if(own EQUAL -1)
    message(FATAL_ERROR "${name}: unknown LAYER '${layer}', one of: ${CLINICD_LAYERS}")
  endif()
  foreach(dependency IN LISTS ARGN)
    if(NOT TARGET ${dependency})
      message(FATAL_ERROR "${name} depends on ${dependency}, which is not declared before it")
    endif()
    get_target_property(other ${dependency} CLINICD_LAYER)
    list(FIND CLINICD_LAYERS "${other}" theirs)
    if(theirs EQUAL -1)
      message(FATAL_ERROR "${name}: ${dependency} is not a clinicd target; name it under LINK")
    endif()
    get_target_property(folder ${dependency} SOURCE_DIR)
    if(theirs EQUAL own AND folder STREQUAL CMAKE_CURRENT_SOURCE_DIR)
      continue()
    endif()
    if(theirs GREATER own OR (theirs EQUAL own AND NOT layer IN_LIST CLINICD_LAYERS_OPEN_INSIDE))
      message(FATAL_ERROR "${name} (${layer}) may not depend on ${dependency} (${other})")
    endif()
  endforeach()
endfunction()

function(clinicd_tidy name)
  if(CLINICD_TIDY)
    find_program(CLINICD_CLANG_TIDY NAMES clang-tidy clang-tidy-14 REQUIRED)
    set_target_properties(${name} PROPERTIES CXX_CLANG_TIDY "${CLINICD_CLANG_TIDY};--quiet;--warnings-as-errors=*")
  endif()
endfunction()

# Parses headers once for all targets that take them; of others' code only, so that a change of ours
# compiles no more than what includes it.
#   clinicd_precompile(NAME HEADERS ... DEPENDS targets that generate some of them)
function(clinicd_precompile name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;DEPENDS")
  if(NOT CLINICD_PRECOMPILE)
    return()
  endif()
  set(source ${PROJECT_BINARY_DIR}/generated/precompiled/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Of nothing but headers.\n")
  add_library(${name} OBJECT ${source})
  target_include_directories(${name} SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${name} PRIVATE clinicd_flags)
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
endfunction()

# What uses a library of tests takes the same as that.
function(clinicd_take_precompiled name taken)
  if(NOT CLINICD_PRECOMPILE)
    return()
  endif()
  foreach(dependency IN LISTS ARGN)
    get_target_property(layer ${dependency} CLINICD_LAYER)
    get_target_property(theirs ${dependency} CLINICD_PRECOMPILED)
    if(layer STREQUAL "tests" AND theirs)
      set(taken ${theirs})
    endif()
  endforeach()
  if(NOT taken STREQUAL "clinicd_precompiled")
    set_target_properties(${name} PROPERTIES CLINICD_PRECOMPILED ${taken})
  endif()
  target_precompile_headers(${name} REUSE_FROM ${taken})
endfunction()

set(CLINICD_COMMON_HEADERS
  <algorithm> <array> <atomic> <chrono> <cstdint> <filesystem> <fstream> <functional> <iostream> <map>
  <memory> <optional> <set> <span> <sstream> <string> <string_view> <thread> <utility> <vector>
  <absl/base/thread_annotations.h> <absl/container/flat_hash_map.h> <absl/status/status.h>
  <absl/status/statusor.h> <absl/strings/numbers.h> <absl/strings/str_cat.h>
  <absl/strings/str_format.h> <absl/strings/str_join.h> <absl/strings/str_split.h>
  <absl/synchronization/mutex.h> <absl/time/civil_time.h> <absl/time/clock.h> <absl/time/time.h>
  <google/protobuf/message.h> <google/protobuf/descriptor.h> <grpcpp/grpcpp.h>)
clinicd_precompile(clinicd_precompiled HEADERS ${CLINICD_COMMON_HEADERS})

function(clinicd_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LAYER;PRECOMPILED" "SOURCES;DEPENDS;LINK")
  clinicd_check_layers(${name} ${arg_LAYER} ${arg_DEPENDS})
  add_library(${name} STATIC ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES CLINICD_LAYER ${arg_LAYER})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} ${arg_LINK} PRIVATE clinicd_flags)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  if(NOT arg_PRECOMPILED)
    set(arg_PRECOMPILED clinicd_precompiled)
  endif()
  clinicd_take_precompiled(${name} ${arg_PRECOMPILED} ${arg_DEPENDS})
  clinicd_tidy(${name})
endfunction()

function(clinicd_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LAYER;OUTPUT" "SOURCES;DEPENDS;LINK")
  clinicd_check_layers(${name} ${arg_LAYER} ${arg_DEPENDS})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES CLINICD_LAYER ${arg_LAYER})
  if(arg_OUTPUT)
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${arg_OUTPUT})
  endif()
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ${arg_LINK} clinicd_flags clinicd_instrumentation)
  clinicd_take_precompiled(${name} clinicd_precompiled ${arg_DEPENDS})
  clinicd_tidy(${name})
endfunction()

# Embeds files as constants of one generated header and source: db/queries/<area>/verb_noun.sql
# becomes clinicd::sql::kVerbNoun in "db/queries/<area>.h".
function(clinicd_queries name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "AREA" "FILES")
  set(out ${PROJECT_BINARY_DIR}/generated/db/queries)
  list(TRANSFORM arg_FILES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/${arg_AREA}/ OUTPUT_VARIABLE inputs)
  set(script ${PROJECT_SOURCE_DIR}/db/queries/embed_queries.py)
  add_custom_command(
    OUTPUT ${out}/${arg_AREA}.h ${out}/${arg_AREA}.cc
    COMMAND Python3::Interpreter ${script} --area ${arg_AREA} --out ${out} ${inputs}
    DEPENDS ${script} ${inputs}
    COMMENT "Embedding queries of ${arg_AREA}")
  add_library(${name} STATIC ${out}/${arg_AREA}.cc ${out}/${arg_AREA}.h)
  set_target_properties(${name} PROPERTIES CLINICD_LAYER db)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_include_directories(${name} SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/generated)
  set_property(GLOBAL APPEND PROPERTY CLINICD_QUERY_AREAS ${arg_AREA})
  set_property(GLOBAL APPEND PROPERTY CLINICD_QUERY_LIBRARIES ${name})
endfunction()

# The queries of all areas so far, which contract tests go through: db/queries/all.h.
function(clinicd_all_queries name)
  get_property(areas GLOBAL PROPERTY CLINICD_QUERY_AREAS)
  get_property(libraries GLOBAL PROPERTY CLINICD_QUERY_LIBRARIES)
  set(includes "")
  set(calls "")
  foreach(area IN LISTS areas)
    string(APPEND includes "#include \"db/queries/${area}.h\"\n")
    string(APPEND calls "  append(${area}::AllQueries());\n")
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/db/queries/all.h CONTENT
"// Generated from db/queries.
#pragma once

#include <span>
#include <vector>

@includes@
namespace clinicd::sql {

// Every query of every area.
inline std::vector<const db::Query*> AllQueries() {
  std::vector<const db::Query*> queries;
  const auto append = [&queries](std::span<const db::Query* const> area) {
    queries.insert(queries.end(), area.begin(), area.end());
  };
@calls@  return queries;
}

}  // namespace clinicd::sql
" @ONLY)
  add_library(${name} INTERFACE)
  set_target_properties(${name} PROPERTIES CLINICD_LAYER db)
  target_link_libraries(${name} INTERFACE ${libraries})
endfunction()

# NO_TSAN: why ThreadSanitizer cannot judge this test; it does not run in that preset.
# PARTS: tags of cases that take so long that ctest is to run them beside the others.
function(clinicd_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "KIND;TIMEOUT;NO_TSAN" "SOURCES;DEPENDS;LINK;PARTS")
  clinicd_check_layers(${name} tests ${arg_DEPENDS})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES CLINICD_LAYER tests RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE
    clinicd_test_main ${arg_DEPENDS} ${arg_LINK} clinicd_flags clinicd_instrumentation)
  clinicd_take_precompiled(${name} clinicd_precompiled_test ${arg_DEPENDS})
  clinicd_tidy(${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(tests ${name})
  set(others)
  foreach(part IN LISTS arg_PARTS)
    add_test(NAME ${name}_${part} COMMAND ${name} "[${part}]")
    list(APPEND tests ${name}_${part})
    string(APPEND others "~[${part}]")
  endforeach()
  add_test(NAME ${name} COMMAND ${name} ${others})
  set_tests_properties(${tests} PROPERTIES
    LABELS "${arg_KIND}" TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
    ENVIRONMENT "CLINICD_SOURCE_DIR=${PROJECT_SOURCE_DIR};CLINICD_BINARY_DIR=${PROJECT_BINARY_DIR}")
  if(arg_NO_TSAN AND CLINICD_SANITIZE STREQUAL "thread")
    set_tests_properties(${tests} PROPERTIES DISABLED TRUE)
  endif()
  if(NOT arg_KIND STREQUAL "unit")
    # tests/CMakeLists.txt declares what sets it up and cleans it up.
    set_tests_properties(${tests} PROPERTIES FIXTURES_REQUIRED database)
  endif()
endfunction()
