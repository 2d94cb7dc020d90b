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
