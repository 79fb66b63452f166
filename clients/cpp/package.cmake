# The SDK as a project of its own: builds messages and services from the protos, and installs
# headers, one static library and the package configuration for find_package(clinicd-sdk).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

find_package(absl REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(grpc REQUIRED IMPORTED_TARGET grpc++)
find_program(CLINICD_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
get_filename_component(root ${CMAKE_CURRENT_SOURCE_DIR}/../.. ABSOLUTE)
set(CLINICD_PROTO_DIRECTORY ${root}/proto CACHE PATH "The protos of the API")
set(CLINICD_COMMON_PROTO_DIRECTORY ${root}/third_party/protos CACHE PATH
  "google/rpc, google/type, and validate.binpb with buf/validate")
set(common ${CLINICD_COMMON_PROTO_DIRECTORY})
if(NOT EXISTS ${common}/validate.binpb)
  message(FATAL_ERROR "${common} has no common protos; run deploy/setup.sh build, or name another "
    "directory with -DCLINICD_COMMON_PROTO_DIRECTORY=")
endif()

set(out ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${out})
set(google google/rpc/code google/rpc/status google/rpc/error_details google/type/date)
file(GLOB_RECURSE protos CONFIGURE_DEPENDS RELATIVE ${CLINICD_PROTO_DIRECTORY}
  ${CLINICD_PROTO_DIRECTORY}/clinicd/*.proto)
list(TRANSFORM protos REPLACE "\\.proto$" "")

set(generated)
# sdk_generate(PROTO SUFFIXES ARGUMENTS...): PROTO.SUFFIX.cc and .h by protoc.
function(sdk_generate proto suffixes)
  set(files)
  foreach(suffix IN LISTS suffixes)
    list(APPEND files ${out}/${proto}.${suffix}.cc ${out}/${proto}.${suffix}.h)
  endforeach()
  add_custom_command(OUTPUT ${files}
    COMMAND protobuf::protoc --cpp_out=${out} ${ARGN} ${proto}.proto
    DEPENDS ${out}/google.binpb)
  list(FILTER files INCLUDE REGEX "\\.cc$")
  set(generated ${generated} ${files} PARENT_SCOPE)
endfunction()

list(TRANSFORM google APPEND .proto OUTPUT_VARIABLE google_files)
list(TRANSFORM protos APPEND .proto OUTPUT_VARIABLE proto_files)
list(TRANSFORM proto_files PREPEND ${CLINICD_PROTO_DIRECTORY}/ OUTPUT_VARIABLE proto_paths)
add_custom_command(OUTPUT ${out}/google.binpb
  COMMAND protobuf::protoc --proto_path=${common} --include_imports
          --descriptor_set_out=${out}/google.binpb ${google_files} google/protobuf/descriptor.proto
          google/protobuf/field_mask.proto google/protobuf/struct.proto
          google/protobuf/timestamp.proto
  DEPENDS ${common}/validate.binpb ${proto_paths})
foreach(proto IN LISTS google)
  sdk_generate(${proto} pb --proto_path=${common})
endforeach()
sdk_generate(buf/validate/validate pb --descriptor_set_in=${common}/validate.binpb)
set(imports --descriptor_set_in=${common}/validate.binpb:${out}/google.binpb
  --proto_path=${CLINICD_PROTO_DIRECTORY})
foreach(proto IN LISTS protos)
  if(proto MATCHES "_service$")
    sdk_generate(${proto} "pb;grpc.pb" ${imports} --grpc_out=${out}
      --plugin=protoc-gen-grpc=${CLINICD_GRPC_CPP_PLUGIN})
  else()
    sdk_generate(${proto} pb ${imports})
  endif()
endforeach()

# What checks proofs of the audit log is the server's own code.
set(shared base/utf8 cbor/writer crypto/base64 crypto/digest crypto/ed25519 merkle/checkpoint
  merkle/epoch merkle/hash merkle/note merkle/note_key merkle/proof)
list(TRANSFORM shared REPLACE "(.+)" "${root}/common/\\1.cc")

add_library(clinicd-sdk STATIC ${sdk_sources} ${shared} ${generated})
add_library(clinicd::sdk ALIAS clinicd-sdk)
set_target_properties(clinicd-sdk PROPERTIES EXPORT_NAME sdk)
target_compile_features(clinicd-sdk PUBLIC cxx_std_20)
target_include_directories(clinicd-sdk
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}> $<BUILD_INTERFACE:${out}>
         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE ${root})
target_link_libraries(clinicd-sdk
  PUBLIC PkgConfig::grpc protobuf::libprotobuf absl::cord absl::status absl::statusor absl::strings
         absl::synchronization absl::time OpenSSL::Crypto)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/clinicd-sdk)
install(TARGETS clinicd-sdk EXPORT clinicd-sdk)
install(EXPORT clinicd-sdk NAMESPACE clinicd:: DESTINATION ${package})
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/clinicd ${out}/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "internal" EXCLUDE)
install(DIRECTORY ${CLINICD_PROTO_DIRECTORY}/clinicd
  DESTINATION ${CMAKE_INSTALL_DATADIR}/clinicd/proto FILES_MATCHING PATTERN "*.proto")
configure_package_config_file(clinicd-sdk-config.cmake.in clinicd-sdk-config.cmake
  INSTALL_DESTINATION ${package})
write_basic_package_version_file(clinicd-sdk-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/clinicd-sdk-config.cmake
  ${PROJECT_BINARY_DIR}/clinicd-sdk-config-version.cmake DESTINATION ${package})
