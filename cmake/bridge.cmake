# SPDX-License-Identifier: Apache-2.0
# What stands between the spinal cord and a controller manager and needs no ROS. Included from the
# root CMakeLists.txt; the ros2_control plugin and the Gazebo system are built upon it.

add_library(neuraxis_bridge STATIC
  hardware_interface/ros/bridge_spec.cpp
  hardware_interface/ros/command_mailbox.cpp
  hardware_interface/ros/command_modes.cpp
  hardware_interface/ros/cord_bridge.cpp
  hardware_interface/ros/cord_bridge_points.cpp)
add_library(neuraxis::bridge ALIAS neuraxis_bridge)
target_include_directories(neuraxis_bridge
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/hardware_interface/ros>)
target_link_libraries(neuraxis_bridge PUBLIC neuraxis::core)
target_compile_options(neuraxis_bridge PRIVATE ${neuraxis_warnings})
set_target_properties(neuraxis_bridge PROPERTIES POSITION_INDEPENDENT_CODE ON)

# The factory's backends depend on what else is built: it belongs to whoever links it.
add_library(neuraxis_factory INTERFACE)
add_library(neuraxis::factory ALIAS neuraxis_factory)
target_sources(neuraxis_factory INTERFACE
  ${CMAKE_CURRENT_SOURCE_DIR}/hardware_interface/ros/backend_factory.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/hardware_interface/ros/socketcan_mit_factory.cpp)
target_link_libraries(neuraxis_factory INTERFACE neuraxis::bridge neuraxis::can)
if(TARGET neuraxis::mujoco)
  target_compile_definitions(neuraxis_factory INTERFACE NEURAXIS_HAS_MUJOCO)
  target_link_libraries(neuraxis_factory INTERFACE neuraxis::mujoco)
endif()

if(BUILD_TESTING AND GTest_FOUND)
  include(GoogleTest)
  # The trap replaces malloc and the pthread locks of the whole process, so it has its own.
  add_executable(neuraxis_bridge_test
    hardware_interface/gazebo/gazebo_backend.cpp
    hardware_interface/test/realtime_trap.cpp
    hardware_interface/test/test_bridge_spec.cpp
    hardware_interface/test/test_command_mailbox.cpp
    hardware_interface/test/test_cord_bridge.cpp
    hardware_interface/test/test_cord_bridge_realtime.cpp
    hardware_interface/test/test_cord_bridge_stops.cpp
    hardware_interface/test/test_gazebo_link.cpp)
  target_include_directories(neuraxis_bridge_test
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/hardware_interface)
  set_target_properties(neuraxis_bridge_test PROPERTIES ENABLE_EXPORTS ON)
  target_link_libraries(neuraxis_bridge_test
    PRIVATE neuraxis::factory GTest::gtest_main ${CMAKE_DL_LIBS})
  target_compile_options(neuraxis_bridge_test PRIVATE ${neuraxis_warnings})
  gtest_discover_tests(neuraxis_bridge_test)
endif()
