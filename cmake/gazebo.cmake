# SPDX-License-Identifier: Apache-2.0
# The spinal cord as a system of gz_ros2_control. Optional: found → built. Included from
# cmake/ros2_control.cmake, in the root's scope.

# ROS wraps Gazebo in vendor packages, which bring gz-sim without a version in its name.
find_package(gz_sim_vendor QUIET)
find_package(gz-sim QUIET)
if(NOT gz-sim_FOUND)
  find_package(gz-sim8 QUIET)
endif()
find_package(gz_ros2_control QUIET)
if(TARGET gz-sim::gz-sim)
  set(gz_sim gz-sim::gz-sim)
elseif(TARGET gz-sim8::gz-sim8)
  set(gz_sim gz-sim8::gz-sim8)
endif()
if(NOT gz_sim OR NOT gz_ros2_control_FOUND)
  message(STATUS "no hardware 'gazebo': needs gz-sim and package gz_ros2_control")
  return()
endif()

add_library(neuraxis_gazebo SHARED
  hardware_interface/gazebo/gazebo_backend.cpp
  hardware_interface/gazebo/gazebo_robot.cpp
  hardware_interface/gazebo/gazebo_spinal_cord_system.cpp
  hardware_interface/ros/described_hardware.cpp)
target_include_directories(neuraxis_gazebo PRIVATE ${gz_ros2_control_INCLUDE_DIRS})
target_link_libraries(neuraxis_gazebo PRIVATE
  neuraxis::bridge
  ${gz_sim}
  hardware_interface::hardware_interface
  pluginlib::pluginlib
  rclcpp::rclcpp
  rclcpp_lifecycle::rclcpp_lifecycle
  urdf::urdf)
target_compile_options(neuraxis_gazebo PRIVATE -Wall -Wextra)
pluginlib_export_plugin_description_file(
  gz_ros2_control hardware_interface/gazebo/gazebo_plugins.xml)
install(TARGETS neuraxis_gazebo LIBRARY DESTINATION lib)
