# SPDX-License-Identifier: Apache-2.0
# What the backends of vendor wires share and what needs no ROS: closed chains, name tables, the
# thread between loop and wire. Included from the root CMakeLists.txt.

add_library(neuraxis_wire STATIC
  hardware_interface/ros/wire_names.cpp
  hardware_interface/ros/wire_params.cpp
  hardware_interface/ros/wire_space.cpp
  hardware_interface/ros/wire_state.cpp
  hardware_interface/ros/wire_writer.cpp
  hardware_interface/src/ankle_linkage.cpp
  hardware_interface/src/linkage_geometry.cpp)
add_library(neuraxis::wire ALIAS neuraxis_wire)
target_include_directories(neuraxis_wire
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/hardware_interface/ros>)
target_link_libraries(neuraxis_wire PUBLIC neuraxis::core)
target_compile_options(neuraxis_wire PRIVATE ${neuraxis_warnings})
set_target_properties(neuraxis_wire PROPERTIES POSITION_INDEPENDENT_CODE ON)

if(BUILD_TESTING AND GTest_FOUND)
  include(GoogleTest)
  # The trap replaces malloc and the pthread locks of the whole process, so it has its own.
  add_executable(neuraxis_wire_test
    hardware_interface/test/realtime_trap.cpp
    hardware_interface/test/test_ankle_linkage.cpp
    hardware_interface/test/test_wire.cpp
    hardware_interface/test/test_wire_state.cpp)
  set_target_properties(neuraxis_wire_test PROPERTIES ENABLE_EXPORTS ON)
  target_link_libraries(neuraxis_wire_test
    PRIVATE neuraxis::wire GTest::gtest_main ${CMAKE_DL_LIBS})
  target_compile_options(neuraxis_wire_test PRIVATE ${neuraxis_warnings})
  gtest_discover_tests(neuraxis_wire_test)
endif()
