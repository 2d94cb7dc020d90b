# SPDX-License-Identifier: Apache-2.0
# Backends that speak a vendor's ROS 2 topics. A vendor's message package is optional: found → its
# backend is built; not found → the factory says what is missing.

find_package(rclcpp REQUIRED)
find_package(sensor_msgs REQUIRED)
find_package(aimdk_msgs QUIET)
find_package(joint_msgs QUIET)

set(vendor_folder ${CMAKE_CURRENT_LIST_DIR}/../hardware_interface/ros)
add_library(neuraxis_vendor STATIC
  ${vendor_folder}/cooperative_backend.cpp
  ${vendor_folder}/wire_activation.cpp
  ${vendor_folder}/wire_backend.cpp
  ${vendor_folder}/wire_node.cpp)
add_library(neuraxis::vendor ALIAS neuraxis_vendor)
target_include_directories(neuraxis_vendor PUBLIC $<BUILD_INTERFACE:${vendor_folder}>)
target_link_libraries(neuraxis_vendor PUBLIC
  neuraxis::wire rclcpp::rclcpp ${sensor_msgs_TARGETS})
target_compile_options(neuraxis_vendor PRIVATE ${neuraxis_warnings})
target_compile_definitions(neuraxis_vendor PUBLIC NEURAXIS_HAS_VENDOR_BACKENDS)
# rclcpp's headers cost more than the sources: one unit.
set_target_properties(neuraxis_vendor PROPERTIES
  POSITION_INDEPENDENT_CODE ON UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)

if(aimdk_msgs_FOUND)
  target_sources(neuraxis_vendor PRIVATE
    ${vendor_folder}/aimdk_hal_backend.cpp
    ${vendor_folder}/mc_arbiter.cpp)
  target_link_libraries(neuraxis_vendor PUBLIC ${aimdk_msgs_TARGETS})
  target_compile_definitions(neuraxis_vendor PUBLIC NEURAXIS_HAS_AIMDK_MSGS)
  # AimDK 1.0.0 has no UpperBodyCommandArray yet.
  foreach(folder ${aimdk_msgs_INCLUDE_DIRS})
    if(EXISTS ${folder}/aimdk_msgs/msg/upper_body_command_array.hpp)
      set(has_upper_body TRUE)
    endif()
  endforeach()
  if(has_upper_body)
    target_sources(neuraxis_vendor PRIVATE ${vendor_folder}/cooperative_upper_body.cpp)
    target_compile_definitions(neuraxis_vendor PUBLIC NEURAXIS_HAS_UPPER_BODY)
  endif()
else()
  message(STATUS "package aimdk_msgs not found: no backend 'aimdk_hal'")
endif()
if(joint_msgs_FOUND)
  target_sources(neuraxis_vendor PRIVATE ${vendor_folder}/body_drive_backend.cpp)
  target_link_libraries(neuraxis_vendor PUBLIC ${joint_msgs_TARGETS})
  target_compile_definitions(neuraxis_vendor PUBLIC NEURAXIS_HAS_JOINT_MSGS)
  foreach(folder ${joint_msgs_INCLUDE_DIRS})
    if(EXISTS ${folder}/joint_msgs/msg/foot_sensor_state.hpp)
      set(has_foot_sensors TRUE)
    endif()
  endforeach()
  if(has_foot_sensors)
    target_compile_definitions(neuraxis_vendor PUBLIC NEURAXIS_HAS_FOOT_SENSORS)
  endif()
else()
  message(STATUS "package joint_msgs not found: no backend 'body_drive'")
endif()

if(BUILD_TESTING)
  set(vendor_test_folder ${CMAKE_CURRENT_LIST_DIR}/../hardware_interface/test)
  add_executable(neuraxis_vendor_driver
    ${vendor_test_folder}/realtime_trap.cpp
    ${vendor_test_folder}/vendor_driver.cpp)
  set_target_properties(neuraxis_vendor_driver PROPERTIES ENABLE_EXPORTS ON)
  target_link_libraries(neuraxis_vendor_driver PRIVATE neuraxis::vendor ${CMAKE_DL_LIBS})
  target_compile_options(neuraxis_vendor_driver PRIVATE ${neuraxis_warnings})
  find_package(ament_cmake_pytest QUIET)
  if(ament_cmake_pytest_FOUND)
    ament_add_pytest_test(vendor_backends test/ros/test_vendor_backends.py
      TIMEOUT 900
      ENV NEURAXIS_VENDOR_DRIVER=$<TARGET_FILE:neuraxis_vendor_driver>)
  endif()
endif()
