// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "pmu_battery.hpp"
#include "wire_space.hpp"
#include "wire_state.hpp"

namespace neuraxis
{
namespace
{

const std::vector<std::string> kLegJoints{"left_hip_pitch_joint", "left_knee_joint"};
const WireParams kLeg(
  "x", {{"groups", "leg"},
        {"leg.state_topic", "/leg/state"},
        {"leg.command_topic", "/leg/command"},
        {"leg.joints", "left_knee, left_hip_pitch"}});

struct ReceiverBench
{
  ReceiverBench() : space(kLegJoints, kLeg), receiver(space, 0.03, true, true) {}

  void feed(double now_s)
  {
    receiver.group_arrived(0, now_s);
    receiver.imu_arrived(now_s);
  }

  WireSpace space;
  WireReceiver receiver;
  StateSample sample;
};

TEST(WireReceiver, nothing_is_fresh_until_every_source_has_spoken)
{
  ReceiverBench bench;
  EXPECT_EQ(bench.receiver.read(1.0, 0.1, bench.sample).status, ReadStatus::silent);
  bench.receiver.group_arrived(0, 1.0);
  EXPECT_EQ(bench.receiver.read(1.0, 0.1, bench.sample).status, ReadStatus::silent);
  bench.receiver.imu_arrived(1.001);
  EXPECT_EQ(bench.receiver.read(1.001, 0.1, bench.sample).status, ReadStatus::fresh);
  EXPECT_DOUBLE_EQ(bench.sample.stamp_s, 1.001);
}

TEST(WireReceiver, one_silent_source_stops_the_stamp_and_then_the_freshness)
{
  ReceiverBench bench;
  bench.feed(1.0);
  for (double now_s = 1.0; now_s < 1.2; now_s += 0.002)
  {
    bench.receiver.group_arrived(0, now_s);
  }
  ASSERT_EQ(bench.receiver.read(1.05, 0.1, bench.sample).status, ReadStatus::fresh);
  EXPECT_LE(bench.sample.stamp_s, 1.031);
  EXPECT_EQ(bench.receiver.read(1.2, 0.1, bench.sample).status, ReadStatus::silent);
}

TEST(WireReceiver, battery_and_feet_are_told_as_long_as_they_are_news)
{
  ReceiverBench bench;
  bench.receiver.battery_arrived({0.5, 48.0, -2.0, 30.0}, 1.0);
  bench.receiver.feet_arrived({300.0, 80.0}, 1.0);
  bench.feed(1.05);
  ASSERT_EQ(bench.receiver.read(1.05, 0.1, bench.sample).status, ReadStatus::fresh);
  EXPECT_DOUBLE_EQ(bench.sample.battery.voltage_V, 48.0);
  EXPECT_DOUBLE_EQ(bench.sample.foot_force_N[0], 300.0);
  bench.feed(1.2);
  (void)bench.receiver.read(1.2, 0.1, bench.sample);
  EXPECT_DOUBLE_EQ(bench.sample.battery.charge, 0.5);
  EXPECT_DOUBLE_EQ(bench.sample.foot_force_N[0], 0.0);
  bench.feed(12.0);
  (void)bench.receiver.read(12.0, 0.1, bench.sample);
  EXPECT_TRUE(std::isnan(bench.sample.battery.charge));
}

struct FirstPmu
{
  double battery_pack_voltage = 50.0;
  double battery_current = -1.0;
  double battery_temperature = 25.0;
  std::uint8_t battery_remaining_capacity_percentage = 50;
};

struct LaterPmu
{
  double bms_voltage = 50.0;
  double bms_current = -1.0;
  std::int32_t bms_temperature = 25;
  std::uint8_t bms_remaining_capacity_percentage = 50;
};

TEST(PmuBattery, both_spellings_of_its_fields_are_understood)
{
  for (const auto & battery : {battery_of(FirstPmu(), 0), battery_of(LaterPmu(), 0)})
  {
    EXPECT_DOUBLE_EQ(battery.charge, 0.5);
    EXPECT_DOUBLE_EQ(battery.voltage_V, 50.0);
    EXPECT_DOUBLE_EQ(battery.current_A, -1.0);
    EXPECT_DOUBLE_EQ(battery.temperature_C, 25.0);
  }
}

TEST(WireReceiver, faults_become_codes_and_go_when_they_are_gone)
{
  ReceiverBench bench;
  bench.feed(1.0);
  bench.receiver.set_domain(0, 2);
  bench.feed(1.002);
  EXPECT_EQ(bench.receiver.read(1.002, 0.1, bench.sample).error_code, wire_fault::kDomain + 2);
  EXPECT_NE(bench.receiver.fault_text().find("POWERDOWN"), std::string::npos);
  bench.receiver.set_domain(0, 0);
  bench.receiver.set_fault(0, wire_fault::kNames, "wrong names");
  EXPECT_EQ(bench.receiver.read(1.003, 0.1, bench.sample).error_code, wire_fault::kNames);
  EXPECT_EQ(bench.receiver.fault_text(), "wrong names");
  bench.receiver.clear_fault(0);
  bench.receiver.wire().error[1] = 9;
  bench.feed(1.004);
  EXPECT_EQ(bench.receiver.read(1.004, 0.1, bench.sample).error_code, wire_fault::kJoint);
  bench.receiver.wire().error[1] = 0;
  bench.receiver.set_second_publisher(true, "node '/mc' commands too");
  bench.feed(1.006);
  EXPECT_EQ(
    bench.receiver.read(1.006, 0.1, bench.sample).error_code, wire_fault::kSecondPublisher);
  bench.receiver.set_second_publisher(false, "");
  bench.feed(1.008);
  EXPECT_EQ(bench.receiver.read(1.008, 0.1, bench.sample).status, ReadStatus::fresh);
}

}  // namespace
}  // namespace neuraxis
