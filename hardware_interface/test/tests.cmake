# SPDX-License-Identifier: Apache-2.0
include(GoogleTest)

add_executable(neuraxis_core_test
  hardware_interface/test/test_command_gate.cpp
  hardware_interface/test/test_command_pace.cpp
  hardware_interface/test/test_config.cpp
  hardware_interface/test/test_interpolator.cpp
  hardware_interface/test/test_loop.cpp
  hardware_interface/test/test_loop_stats.cpp
  hardware_interface/test/test_orientation_filter.cpp
  hardware_interface/test/test_spinal_cord.cpp
  hardware_interface/test/test_spinal_cord_properties.cpp
  hardware_interface/test/test_stop_ladder.cpp
  hardware_interface/test/test_torque_limit.cpp
  hardware_interface/test/test_triple_buffer.cpp)
target_link_libraries(neuraxis_core_test PRIVATE neuraxis::core GTest::gtest_main)
target_compile_options(neuraxis_core_test PRIVATE ${neuraxis_warnings})
gtest_discover_tests(neuraxis_core_test)

if(TARGET neuraxis::mujoco)
  add_executable(neuraxis_mujoco_test
    hardware_interface/test/test_mujoco_backend.cpp
    hardware_interface/test/test_shared_world.cpp)
  target_link_libraries(neuraxis_mujoco_test PRIVATE neuraxis::mujoco GTest::gtest_main)
  target_compile_options(neuraxis_mujoco_test PRIVATE ${neuraxis_warnings})
  gtest_discover_tests(neuraxis_mujoco_test)

  # The trap replaces malloc and the pthread locks of the whole process, so it has its own.
  add_executable(neuraxis_realtime_test
    hardware_interface/test/realtime_trap.cpp
    hardware_interface/test/test_realtime_safety.cpp)
  set_target_properties(neuraxis_realtime_test PROPERTIES ENABLE_EXPORTS ON)
  target_link_libraries(neuraxis_realtime_test
    PRIVATE neuraxis::mujoco GTest::gtest_main ${CMAKE_DL_LIBS})
  target_compile_options(neuraxis_realtime_test PRIVATE ${neuraxis_warnings})
  gtest_discover_tests(neuraxis_realtime_test)
endif()
