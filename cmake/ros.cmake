# SPDX-License-Identifier: Apache-2.0
# The ROS part of the package: interfaces, Python packages, data, environment. Included from the
# root CMakeLists.txt when ament is found, after the core targets.

enable_language(C)
find_package(ament_cmake_python REQUIRED)
find_package(action_msgs REQUIRED)
find_package(builtin_interfaces REQUIRED)
find_package(geometry_msgs REQUIRED)
find_package(rosidl_default_generators REQUIRED)
find_package(std_msgs REQUIRED)
find_package(trajectory_msgs REQUIRED)

rosidl_generate_interfaces(${PROJECT_NAME}
  action/ExecuteInstruction.action
  action/FollowTrajectory.action
  action/Grip.action
  msg/GripState.msg
  msg/JointCommandArray.msg
  msg/LedgerHop.msg
  msg/SceneObject.msg
  msg/SceneObjects.msg
  msg/SpinalState.msg
  srv/MoveObject.srv
  srv/RequestStop.srv
  srv/ResetStop.srv
  DEPENDENCIES action_msgs builtin_interfaces geometry_msgs std_msgs trajectory_msgs
)

# Generated sources compile together: they are many, small and share nearly all headers.
foreach(kind
    rosidl_typesupport_c
    rosidl_typesupport_cpp
    rosidl_typesupport_fastrtps_c
    rosidl_typesupport_fastrtps_cpp
    rosidl_typesupport_introspection_c
    rosidl_typesupport_introspection_cpp)
  if(TARGET ${PROJECT_NAME}__${kind})
    set_target_properties(${PROJECT_NAME}__${kind} PROPERTIES
      UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  endif()
endforeach()

# The numpy headers lie in .venv inside the source tree, and CMake refuses to export such a path.
set(python_interface ${PROJECT_NAME}__rosidl_generator_py)
if(TARGET ${python_interface})
  get_target_property(interface_includes ${python_interface} INTERFACE_INCLUDE_DIRECTORIES)
  list(TRANSFORM interface_includes REPLACE "^(${PROJECT_SOURCE_DIR}/.*)$" "$<BUILD_INTERFACE:\\1>")
  set_target_properties(${python_interface} PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${interface_includes}")
endif()

# The name `neuraxis` is the generated module's; our packages stand beside it.
foreach(python_package
    big_brain_node
    neuraxis_bridge
    neuraxis_cli
    neuraxis_common
    neuraxis_field
    neuraxis_sim
    perception_node
    small_brain_node)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${python_package}/__init__.py)
    ament_python_install_package(${python_package}
      PACKAGE_DIR ${CMAKE_CURRENT_SOURCE_DIR}/${python_package}
      SCRIPTS_DESTINATION lib/${PROJECT_NAME}
      SETUP_CFG ${CMAKE_CURRENT_SOURCE_DIR}/setup.cfg)
  endif()
endforeach()

if(TARGET neuraxis_spinal)
  install(TARGETS neuraxis_spinal LIBRARY DESTINATION ${PYTHON_INSTALL_DIR})
endif()

foreach(data_folder config launch models rviz urdf worlds)
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${data_folder})
    install(DIRECTORY ${data_folder} DESTINATION share/${PROJECT_NAME})
  endif()
endforeach()

include(${CMAKE_CURRENT_LIST_DIR}/ros2_control.cmake)

ament_export_dependencies(rosidl_default_runtime)
ament_package()
