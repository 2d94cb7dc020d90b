# SPDX-License-Identifier: Apache-2.0
# Drives on CAN that speak the MIT five-tuple, and the fake ones they are tested against. Needs no
# ROS. Included from the root CMakeLists.txt.

add_library(neuraxis_can STATIC
  hardware_interface/src/can_bus.cpp
  hardware_interface/src/mit_codec.cpp
  hardware_interface/src/mit_codec_motors.cpp
  hardware_interface/src/mit_codec_parameters.cpp
  hardware_interface/src/socketcan_mit_activation.cpp
  hardware_interface/src/socketcan_mit_backend.cpp)
add_library(neuraxis::can ALIAS neuraxis_can)
target_link_libraries(neuraxis_can PUBLIC neuraxis::core)
target_compile_options(neuraxis_can PRIVATE ${neuraxis_warnings})
set_target_properties(neuraxis_can PROPERTIES POSITION_INDEPENDENT_CODE ON)

if(BUILD_TESTING AND GTest_FOUND)
  include(GoogleTest)
  add_executable(neuraxis_fake_can_motors hardware_interface/tools/fake_can_motors.cpp)
  target_link_libraries(neuraxis_fake_can_motors PRIVATE neuraxis::can)
  target_compile_options(neuraxis_fake_can_motors PRIVATE ${neuraxis_warnings})

  # The trap replaces malloc and the pthread locks of the whole process, so it has its own.
  add_executable(neuraxis_can_test
    hardware_interface/ros/socketcan_mit_factory.cpp
    hardware_interface/test/realtime_trap.cpp
    hardware_interface/test/test_can_config.cpp
    hardware_interface/test/test_mit_codec.cpp
    hardware_interface/test/test_socketcan_mit.cpp)
  add_dependencies(neuraxis_can_test neuraxis_fake_can_motors)
  target_include_directories(neuraxis_can_test
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/hardware_interface/ros)
  target_compile_definitions(neuraxis_can_test
    PRIVATE NEURAXIS_FAKE_CAN_MOTORS="$<TARGET_FILE:neuraxis_fake_can_motors>")
  set_target_properties(neuraxis_can_test PROPERTIES ENABLE_EXPORTS ON)
  target_link_libraries(neuraxis_can_test
    PRIVATE neuraxis::can GTest::gtest_main ${CMAKE_DL_LIBS})
  target_compile_options(neuraxis_can_test PRIVATE ${neuraxis_warnings})
  gtest_discover_tests(neuraxis_can_test)
endif()
