# SPDX-License-Identifier: Apache-2.0
# The ros2_control plugins: hardware and controllers. Included from cmake/ros.cmake, so that it runs
# in the root's scope, where pluginlib's registrations must be made to count.

set(ros2_control_packages
  controller_interface
  diagnostic_msgs
  hardware_interface
  pluginlib
  rclcpp
  rclcpp_lifecycle
  urdf)
foreach(package ${ros2_control_packages})
  find_package(${package} QUIET)
  if(NOT ${package}_FOUND)
    list(APPEND missing_packages ${package})
  endif()
endforeach()
if(missing_packages)
  list(JOIN missing_packages ", " missing_packages)
  message(STATUS "no ros2_control plugins: package(s) ${missing_packages} not found")
  return()
endif()

include(${CMAKE_CURRENT_LIST_DIR}/vendor_backends.cmake)
rosidl_get_typesupport_target(neuraxis_interfaces ${PROJECT_NAME} rosidl_typesupport_cpp)

add_library(neuraxis_ros2_control SHARED
  hardware_interface/ros/described_hardware.cpp
  hardware_interface/ros/halt_controller.cpp
  hardware_interface/ros/impedance_controller.cpp
  hardware_interface/ros/safety_controller.cpp
  hardware_interface/ros/spinal_cord_system.cpp)
target_link_libraries(neuraxis_ros2_control PRIVATE
  neuraxis::factory
  neuraxis::vendor
  ${neuraxis_interfaces}
  ${diagnostic_msgs_TARGETS}
  controller_interface::controller_interface
  hardware_interface::hardware_interface
  pluginlib::pluginlib
  rclcpp::rclcpp
  rclcpp_lifecycle::rclcpp_lifecycle
  urdf::urdf)
target_compile_options(neuraxis_ros2_control PRIVATE -Wall -Wextra)
if(mujoco_folder)
  set_target_properties(neuraxis_ros2_control PROPERTIES INSTALL_RPATH "${mujoco_folder}")
endif()

pluginlib_export_plugin_description_file(
  hardware_interface hardware_interface/ros/hardware_plugins.xml)
pluginlib_export_plugin_description_file(
  controller_interface hardware_interface/ros/controller_plugins.xml)
install(TARGETS neuraxis_ros2_control LIBRARY DESTINATION lib)

include(${CMAKE_CURRENT_LIST_DIR}/gazebo.cmake)

# A controller that fails on purpose lives in a prefix of its own inside the build folder: nobody
# who does not test finds it.
if(BUILD_TESTING)
  set(test_folder ${CMAKE_CURRENT_SOURCE_DIR}/hardware_interface/test/ros)
  set(test_prefix ${CMAKE_CURRENT_BINARY_DIR}/test_prefix)
  add_library(neuraxis_faulty_controller SHARED ${test_folder}/faulty_controller.cpp)
  target_link_libraries(neuraxis_faulty_controller PRIVATE
    controller_interface::controller_interface pluginlib::pluginlib ${std_msgs_TARGETS})
  set_target_properties(neuraxis_faulty_controller PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${test_prefix}/lib)
  set(test_index ${test_prefix}/share/ament_index/resource_index)
  file(WRITE ${test_index}/packages/neuraxis_test "")
  file(WRITE ${test_index}/controller_interface__pluginlib__plugin/neuraxis_test
    "share/neuraxis_test/faulty_controller.xml\n")
  file(COPY ${test_folder}/faulty_controller.xml ${test_folder}/package.xml
    DESTINATION ${test_prefix}/share/neuraxis_test)
endif()

if(NEURAXIS_BUILD_BENCH)
  find_package(controller_manager QUIET)
  if(controller_manager_FOUND)
    add_executable(bench_ros2_control bench/bench_ros2_control.cpp)
    target_link_libraries(bench_ros2_control PRIVATE
      neuraxis::core controller_manager::controller_manager rclcpp::rclcpp)
    install(TARGETS bench_ros2_control DESTINATION lib/${PROJECT_NAME})
  else()
    message(STATUS "no ros2_control bench: package controller_manager not found")
  endif()
endif()
