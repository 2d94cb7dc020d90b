// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "neuraxis/mit_codec.hpp"

namespace neuraxis::test
{
namespace
{

const DriveAddress kAddress{0x05, 0x15};

[[nodiscard]] auto payload(const CanFrame & frame) -> std::vector<int>
{
  return {frame.data, frame.data + frame.len};
}

/// What a drive reads out of a command frame, written apart from the codec under test.
struct Heard
{
  double pos, vel, kp, kd, torque;
};

[[nodiscard]] auto hear(const MotorModel & motor, const CanFrame & frame) -> Heard
{
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i)
  {
    bits = bits << 8U | frame.data[i];
  }
  const auto field = [bits](unsigned shift, unsigned width, double lower, double upper) {
    const double top = std::pow(2.0, width) - 1.0;
    const auto code = static_cast<double>(bits >> shift & ((1ULL << width) - 1U));
    return lower + code / top * (upper - lower);
  };
  const auto & m = motor;
  if (m.family == MotorFamily::robstride)
  {
    const double code = frame.can_id >> 8U & 0xFFFFU;
    return {
      field(48, 16, -m.p_max, m.p_max), field(32, 16, -m.v_max, m.v_max),
      field(16, 16, 0.0, m.kp_max), field(0, 16, 0.0, m.kd_max),
      -m.t_max + code / 65535.0 * 2.0 * m.t_max};
  }
  return {
    field(48, 16, -m.p_max, m.p_max), field(36, 12, -m.v_max, m.v_max),
    field(24, 12, 0.0, m.kp_max), field(12, 12, 0.0, m.kd_max), field(0, 12, -m.t_max, m.t_max)};
}

TEST(MitCodec, a_command_has_the_bytes_that_the_manuals_say)
{
  CanFrame frame{};
  const auto * motor = find_motor("dm4310");
  ASSERT_NE(motor, nullptr);
  // Full scale everywhere: all bits set. The lowest end: none.
  EXPECT_EQ(encode_command(*motor, kAddress, {12.5, 30.0, 500.0, 5.0, 10.0}, frame), 0U);
  EXPECT_EQ(frame.can_id, 0x05U);
  EXPECT_EQ(payload(frame), std::vector<int>(8, 0xFF));
  EXPECT_EQ(encode_command(*motor, kAddress, {-12.5, -30.0, 0.0, 0.0, -10.0}, frame), 0U);
  EXPECT_EQ(payload(frame), std::vector<int>(8, 0x00));
  // Code 0x1234 of 65535, 0x567, 0x89A, 0xBCD, 0xEF0 of 4095, packed without gaps.
  const auto at = [](double code, double top, double lower, double upper) {
    return lower + code / top * (upper - lower);
  };
  encode_command(
    *motor, kAddress,
    {at(0x1234, 65535, -12.5, 12.5), at(0x567, 4095, -30, 30), at(0x89A, 4095, 0, 500),
     at(0xBCD, 4095, 0, 5), at(0xEF0, 4095, -10, 10)},
    frame);
  EXPECT_EQ(
    payload(frame), (std::vector<int>{0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0}));
}

TEST(MitCodec, what_a_drive_hears_is_the_command_or_its_nearest_end_for_every_motor)
{
  std::mt19937 random(7);
  for (const auto & motor : motor_models())
  {
    const double narrow = motor.family == MotorFamily::robstride ? 65535.0 : 4095.0;
    std::uniform_real_distribution<double> wild(-4.0, 4.0);
    for (int i = 0; i < 2000; ++i)
    {
      const MotorCommand wish{
        wild(random) * motor.p_max, wild(random) * motor.v_max, wild(random) * motor.kp_max,
        wild(random) * motor.kd_max, wild(random) * motor.t_max};
      CanFrame frame{};
      unsigned outside = 0;
      const auto near = [&outside](
                          double heard, double wanted, double lower, double upper, double top) {
        const double inside = std::min(std::max(wanted, lower), upper);
        outside += inside != wanted ? 1U : 0U;
        EXPECT_NEAR(heard, inside, 0.501 * (upper - lower) / top);
      };
      const auto clamped = encode_command(motor, kAddress, wish, frame);
      const auto heard = hear(motor, frame);
      near(heard.pos, wish.pos, -motor.p_max, motor.p_max, 65535.0);
      near(heard.vel, wish.vel, -motor.v_max, motor.v_max, narrow);
      near(heard.kp, wish.kp, 0.0, motor.kp_max, narrow);
      near(heard.kd, wish.kd, 0.0, motor.kd_max, narrow);
      near(heard.torque, wish.torque, -motor.t_max, motor.t_max, narrow);
      ASSERT_EQ(clamped, outside) << motor.name;
    }
  }
}

TEST(MitCodec, what_is_not_a_number_asks_for_nothing)
{
  const double bad[] = {std::nan(""), INFINITY, -INFINITY};
  for (const auto & motor : motor_models())
  {
    for (int field = 0; field < 5; ++field)
    {
      for (const double value : bad)
      {
        MotorCommand wish{1.0, 1.0, 50.0, 1.0, 1.0};
        double * const fields[] = {&wish.pos, &wish.vel, &wish.kp, &wish.kd, &wish.torque};
        *fields[field] = value;
        CanFrame frame{};
        EXPECT_EQ(encode_command(motor, kAddress, wish, frame), 5U);
        const auto heard = hear(motor, frame);
        EXPECT_EQ(heard.kp, 0.0);
        EXPECT_EQ(heard.kd, 0.0);
        EXPECT_NEAR(heard.torque, 0.0, motor.t_max / 4095.0 * 1.001);
      }
    }
  }
}

TEST(MitCodec, requests_are_those_of_the_family)
{
  CanFrame frame{};
  const auto last = [&frame](const char * motor, DriveRequest request) {
    EXPECT_TRUE(encode_request(*find_motor(motor), kAddress, request, frame));
    return frame.data[7];
  };
  EXPECT_EQ(last("dm4310", DriveRequest::enable), 0xFC);
  EXPECT_EQ(last("dm4310", DriveRequest::disable), 0xFD);
  EXPECT_EQ(last("dm4310", DriveRequest::set_zero), 0xFE);
  EXPECT_EQ(last("dm4310", DriveRequest::clear_error), 0xFB);
  EXPECT_EQ(last("ak80-9", DriveRequest::enable), 0xFC);
  EXPECT_FALSE(
    encode_request(*find_motor("ak80-9"), kAddress, DriveRequest::clear_error, frame));
  const DriveAddress robstride{0x7F, 0xFD};
  encode_request(*find_motor("rs04"), robstride, DriveRequest::enable, frame);
  EXPECT_EQ(frame.can_id, CAN_EFF_FLAG | 0x0300FD7FU);
  encode_request(*find_motor("rs04"), robstride, DriveRequest::clear_error, frame);
  EXPECT_EQ(frame.can_id, CAN_EFF_FLAG | 0x0400FD7FU);
  EXPECT_EQ(frame.data[0], 1);
  encode_request(*find_motor("r86"), kAddress, DriveRequest::enable, frame);
  EXPECT_EQ(payload(frame), (std::vector<int>{1, 1, 0, 0, 0, 0, 0, 0}));
}

TEST(MitCodec, damiao_replies_carry_state_temperature_and_error)
{
  const auto & motor = *find_motor("dm4310");
  CanFrame frame{};
  frame.can_id = 0x15;
  frame.len = 8;
  const std::uint8_t bytes[] = {0x15, 0xFF, 0xFF, 0x00, 0x0F, 0xFF, 41, 57};
  std::memcpy(frame.data, bytes, 8);
  MotorReply reply;
  ASSERT_EQ(decode_reply(motor, kAddress, frame, reply), Match::ours);
  EXPECT_DOUBLE_EQ(reply.pos, 12.5);
  EXPECT_DOUBLE_EQ(reply.vel, -30.0);
  EXPECT_DOUBLE_EQ(reply.torque, 10.0);
  EXPECT_EQ(reply.temperature_C, 57.0);
  EXPECT_EQ(reply.state, DriveState::enabled);
  EXPECT_EQ(reply.error, 0);
  frame.data[0] = 0xB5;
  ASSERT_EQ(decode_reply(motor, kAddress, frame, reply), Match::ours);
  EXPECT_EQ(reply.error, 0xB);
  EXPECT_EQ(error_text(motor.family, reply.error), "MOSFET too hot");
  frame.data[0] = 0x16;
  EXPECT_EQ(decode_reply(motor, kAddress, frame, reply), Match::foreign);
  frame.data[0] = 0x35;
  EXPECT_EQ(decode_reply(motor, kAddress, frame, reply), Match::malformed);
  frame.data[0] = 0x15;
  frame.len = 7;
  EXPECT_EQ(decode_reply(motor, kAddress, frame, reply), Match::malformed);
}

TEST(MitCodec, other_families_reply_in_their_own_way)
{
  MotorReply reply;
  CanFrame frame{};
  frame.len = 8;
  const std::uint8_t tmotor[] = {0x05, 0x80, 0x00, 0xFF, 0xF0, 0x00, 65, 6};
  std::memcpy(frame.data, tmotor, 8);
  ASSERT_EQ(decode_reply(*find_motor("ak80-9"), {5, 0}, frame, reply), Match::ours);
  EXPECT_DOUBLE_EQ(reply.vel, 50.0);
  EXPECT_DOUBLE_EQ(reply.torque, -18.0);
  EXPECT_EQ(reply.temperature_C, 25.0);
  EXPECT_EQ(reply.error, 6);
  EXPECT_EQ(reply.state, DriveState::unknown);

  // Type 2, mode 2 (running), over-current, from motor 0x7F to host 0xFD.
  frame.can_id = CAN_EFF_FLAG | 0x02827FFDU;
  const std::uint8_t robstride[] = {0xFF, 0xFF, 0x00, 0x00, 0xFF, 0xFF, 0x01, 0x2C};
  std::memcpy(frame.data, robstride, 8);
  ASSERT_EQ(decode_reply(*find_motor("rs04"), {0x7F, 0xFD}, frame, reply), Match::ours);
  EXPECT_DOUBLE_EQ(reply.vel, -15.0);
  EXPECT_DOUBLE_EQ(reply.torque, 120.0);
  EXPECT_NEAR(reply.temperature_C, 30.0, 1e-12);
  EXPECT_EQ(reply.error, 2);
  EXPECT_EQ(reply.state, DriveState::enabled);
  EXPECT_EQ(
    decode_reply(*find_motor("rs04"), {0x7E, 0xFD}, frame, reply), Match::foreign);

  frame.can_id = 0x05;
  const std::uint8_t powerflow[] = {0x00, 0x00, 0xFF, 0xF0, 0x00, 0x33, 0, 0};
  std::memcpy(frame.data, powerflow, 8);
  ASSERT_EQ(decode_reply(*find_motor("r86"), {5, 5}, frame, reply), Match::ours);
  EXPECT_DOUBLE_EQ(reply.torque, -100.0);
  EXPECT_EQ(reply.state, DriveState::enabled);
  EXPECT_EQ(reply.error, 3);
}

TEST(MitCodec, parameters_travel_as_their_families_number_them)
{
  CanFrame frame{};
  const auto & damiao = *find_motor("dm4310");
  ASSERT_TRUE(
    encode_parameter_write(damiao, kAddress, DriveParameter::watchdog_s, 0.1, frame));
  EXPECT_EQ(frame.can_id, 0x7FFU);
  // 0.1 s are 2000 = 0x7D0 ticks of 50 us, least significant byte first.
  EXPECT_EQ(payload(frame), (std::vector<int>{5, 0, 0x55, 9, 0xD0, 0x07, 0, 0}));
  frame.can_id = kAddress.reply_id;
  const auto echo = decode_parameter(damiao, kAddress, DriveParameter::watchdog_s, frame);
  ASSERT_TRUE(echo.has_value());
  EXPECT_DOUBLE_EQ(*echo, 0.1);
  EXPECT_FALSE(decode_parameter(damiao, kAddress, DriveParameter::p_max, frame).has_value());

  ASSERT_TRUE(encode_parameter_read(damiao, kAddress, DriveParameter::p_max, frame));
  EXPECT_EQ(payload(frame), (std::vector<int>{5, 0, 0x33, 21, 0, 0, 0, 0}));
  frame.can_id = kAddress.reply_id;
  const float answer = 12.5F;
  std::memcpy(frame.data + 4, &answer, 4);
  EXPECT_EQ(decode_parameter(damiao, kAddress, DriveParameter::p_max, frame), 12.5);

  const DriveAddress robstride{0x7F, 0xFD};
  ASSERT_TRUE(encode_parameter_write(
    *find_motor("rs02"), robstride, DriveParameter::watchdog_s, 1.0, frame));
  EXPECT_EQ(frame.can_id, CAN_EFF_FLAG | 0x1200FD7FU);
  EXPECT_EQ(payload(frame), (std::vector<int>{0x28, 0x70, 0, 0, 0x20, 0x4E, 0, 0}));
  EXPECT_FALSE(
    encode_parameter_read(*find_motor("ak80-9"), kAddress, DriveParameter::watchdog_s, frame));
}

}  // namespace
}  // namespace neuraxis::test
