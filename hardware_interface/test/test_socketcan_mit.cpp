// SPDX-License-Identifier: Apache-2.0
// The backend, and a whole spinal cord on it, against drives that live in a process of their own.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "fixture.hpp"
#include "neuraxis/socketcan_mit_backend.hpp"
#include "realtime_trap.hpp"

namespace neuraxis::test
{
namespace
{

constexpr double kDeadline_s = 10.0;

/// `fake_can_motors` on a socket of its own; ends with the test.
class FakeMotors
{
public:
  explicit FakeMotors(const std::vector<std::string> & motors)
  : path_("/tmp/neuraxis_can_" + std::to_string(::getpid()) + "_" + std::to_string(++count_))
  {
    int to_child[2];
    int from_child[2];
    if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0)
    {
      throw std::runtime_error("no pipe");
    }
    pid_ = ::fork();
    if (pid_ == 0)
    {
      ::dup2(to_child[0], STDIN_FILENO);
      ::dup2(from_child[1], STDOUT_FILENO);
      std::vector<const char *> words{NEURAXIS_FAKE_CAN_MOTORS, path_.c_str()};
      for (const auto & motor : motors)
      {
        words.push_back(motor.c_str());
      }
      words.push_back(nullptr);
      ::execv(words[0], const_cast<char * const *>(words.data()));
      ::_exit(127);
    }
    ::close(to_child[0]);
    ::close(from_child[1]);
    in_ = to_child[1];
    out_ = ::fdopen(from_child[0], "r");
    if (line() != "ready")
    {
      throw std::runtime_error("fake_can_motors did not start");
    }
  }
  ~FakeMotors()
  {
    ::close(in_);
    ::fclose(out_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::unlink(path_.c_str());
  }

  /// Says a line and hears the answer, so that a fault is in force when this returns.
  auto say(const std::string & words) -> std::string
  {
    const auto text = words + "\n";
    if (::write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    {
      throw std::runtime_error("fake_can_motors is gone");
    }
    return line();
  }
  [[nodiscard]] auto bus() const -> std::string { return "unix:" + path_; }

private:
  auto line() -> std::string
  {
    char buffer[256] = {};
    if (::fgets(buffer, sizeof(buffer), out_) == nullptr)
    {
      return {};
    }
    std::string text(buffer);
    return text.substr(0, text.find('\n'));
  }

  static inline int count_ = 0;
  std::string path_;
  pid_t pid_ = -1;
  int in_ = -1;
  FILE * out_ = nullptr;
};

const std::vector<std::string> kMotors{"dm8009:1:17", "ak80-9:2:0", "r86:3:3", "rs02:4:253"};
const std::vector<std::string> kJoints{"damiao", "tmotor", "powerflow", "robstride"};

auto config_for(const std::string & bus) -> CanMitConfig
{
  CanMitConfig config;
  const std::vector<std::string> names{"dm8009", "ak80-9", "r86", "rs02"};
  const std::vector<std::uint32_t> replies{17, 0, 3, 253};
  for (std::size_t i = 0; i < 4; ++i)
  {
    CanDrive drive;
    drive.joint = kJoints[i];
    drive.model = *find_motor(names[i]);
    drive.bus = bus;
    drive.address = {static_cast<std::uint32_t>(i + 1), replies[i]};
    config.drives.push_back(drive);
  }
  config.drives[0].sign = -1.0;
  config.drives[0].ratio = 2.0;
  config.drives[1].offset_rad = 0.3;
  config.reply_timeout_s = 0.1;
  config.drive_timeout_s = 0.3;
  return config;
}

/// A cord in real time on the drives.
struct Rig
{
  explicit Rig(CanMitConfig config) : backend(kJoints, std::move(config)), cord(cord_config()) {}

  static auto cord_config() -> CordConfig
  {
    auto config = make_config(4);
    for (std::size_t i = 0; i < 4; ++i)
    {
      config.joints[i].name = kJoints[i];
      config.joints[i].kp_hold = 20.0;
      config.joints[i].kd_hold = 1.0;
    }
    config.state_timeout_s = 0.2;
    config.command_timeout_s = 1.0;
    return config;
  }

  void start()
  {
    backend.activate(kDeadline_s);
    ASSERT_EQ(backend.read(sample).status, ReadStatus::fresh);
    cord.start(backend.time_s(), sample);
    std::copy_n(sample.pos.begin(), led.size(), led.begin());
  }

  void cycle()
  {
    const double now_s = backend.time_s();
    result = backend.read(sample);
    cord.measure(now_s, result, sample);
    if (commanding)
    {
      auto command = make_command(now_s, goal, 4);
      for (std::size_t i = 0; i < 4; ++i)
      {
        // Led there: the gate lets no jump through.
        led[i] += std::clamp(goal - led[i], -kStep_rad, kStep_rad);
        command.target.pos[i] = led[i];
        command.target.kp[i] = 20.0;
        command.target.kd[i] = 1.0;
      }
      cord.submit(now_s, command);
    }
    backend.write(cord.update(now_s));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  auto until(const std::function<bool()> & met) -> bool
  {
    const double end_s = backend.time_s() + kDeadline_s;
    while (!met() && backend.time_s() < end_s)
    {
      cycle();
    }
    return met();
  }

  SocketcanMitBackend backend;
  SpinalCord cord;
  StateSample sample;
  ReadResult result;
  double goal = 0.0;
  std::array<double, 4> led{};
  bool commanding = false;

private:
  static constexpr double kStep_rad = 0.005;
};

/// Whether the answer to `question` comes to contain `words`; a drive acts some time after a frame.
auto comes(FakeMotors & motors, const std::string & question, const std::string & words) -> bool
{
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(kDeadline_s);
  while (std::chrono::steady_clock::now() < end)
  {
    if (motors.say(question).find(words) != std::string::npos)
    {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

auto refusal_of(SocketcanMitBackend & backend, double timeout_s) -> std::string
{
  try
  {
    backend.activate(timeout_s);
  }
  catch (const std::runtime_error & error)
  {
    return error.what();
  }
  return {};
}

TEST(SocketcanMit, every_family_goes_where_it_is_told_through_sign_ratio_and_offset)
{
  FakeMotors motors(kMotors);
  Rig rig(config_for(motors.bus()));
  rig.start();
  // Drives start at 0.1 rad on their own side.
  EXPECT_NEAR(rig.sample.pos[0], -0.05, 2e-3);
  EXPECT_NEAR(rig.sample.pos[1], 0.4, 2e-3);
  EXPECT_NEAR(rig.sample.temperature_C[1], 41.0, 0.2);
  rig.goal = 0.3;
  rig.commanding = true;
  EXPECT_TRUE(rig.until([&rig] {
    for (std::size_t i = 0; i < 4; ++i)
    {
      if (std::abs(rig.sample.pos[i] - 0.3) > 0.02)
      {
        return false;
      }
    }
    return rig.cord.status().level == StopLevel::run;
  }));
  EXPECT_EQ(rig.backend.clamped_count(), 0U);
  rig.backend.deactivate(1.0);
  EXPECT_NO_THROW(rig.backend.deactivate(1.0)) << "let go already";
  EXPECT_TRUE(comes(motors, "where 1", " 0 0"));
}

TEST(SocketcanMit, gains_reach_the_joint_through_the_gear)
{
  // 2:1 gear and sign -1: kp at the joint 20 is 5 at the drive; a push shows the joint's stiffness.
  FakeMotors motors(kMotors);
  auto config = config_for(motors.bus());
  Rig rig(config);
  rig.start();
  const double at = rig.sample.pos[0];
  ActuatorOutput output;
  output.target.kp[0] = 20.0;
  output.target.kd[0] = 2.0;
  output.target.pos[0] = at;
  output.target.effort[0] = 4.0;
  const double end_s = rig.backend.time_s() + kDeadline_s;
  StateSample sample;
  while (std::abs(sample.pos[0] - (at + 0.2)) > 0.01 && rig.backend.time_s() < end_s)
  {
    rig.backend.write(output);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    (void)rig.backend.read(sample);
  }
  EXPECT_NEAR(sample.pos[0], at + 4.0 / 20.0, 0.01);
}

TEST(SocketcanMit, a_silent_drive_ends_in_damping)
{
  FakeMotors motors(kMotors);
  Rig rig(config_for(motors.bus()));
  rig.start();
  motors.say("silent 3");
  EXPECT_TRUE(rig.until([&rig] { return rig.cord.status().level == StopLevel::damping; }));
  EXPECT_EQ(rig.cord.status().cause.reason, StopReason::state_stale);
  EXPECT_EQ(rig.result.status, ReadStatus::silent);
}

TEST(SocketcanMit, late_corrupt_and_foreign_replies_are_not_taken_for_fresh_ones)
{
  for (const auto * fault : {"late 2 400", "corrupt 2", "wrong_id 2"})
  {
    FakeMotors motors(kMotors);
    Rig rig(config_for(motors.bus()));
    rig.start();
    motors.say(fault);
    EXPECT_TRUE(rig.until([&rig] { return rig.cord.status().level == StopLevel::damping; }))
      << fault;
  }
}

TEST(SocketcanMit, an_error_code_names_the_joint_and_damps)
{
  FakeMotors motors(kMotors);
  Rig rig(config_for(motors.bus()));
  rig.start();
  motors.say("error 4 4");
  EXPECT_TRUE(rig.until([&rig] { return rig.cord.status().level == StopLevel::damping; }));
  EXPECT_EQ(rig.cord.status().cause.reason, StopReason::backend_error);
  EXPECT_DOUBLE_EQ(rig.cord.status().cause.value, 3 * kCanErrorPerJoint + 4);
}

TEST(SocketcanMit, bus_off_damps_and_only_activation_brings_it_back)
{
  FakeMotors motors(kMotors);
  Rig rig(config_for(motors.bus()));
  rig.start();
  motors.say("bus_off 0");
  EXPECT_TRUE(rig.until([&rig] { return rig.cord.status().level == StopLevel::damping; }));
  EXPECT_EQ(rig.result.error_code, kCanBusOff);
  EXPECT_TRUE(rig.backend.health(motors.bus()).bus_off);
  rig.backend.activate(kDeadline_s);
  EXPECT_EQ(rig.backend.read(rig.sample).status, ReadStatus::fresh);
}

TEST(SocketcanMit, a_drive_that_does_not_answer_is_named_and_the_others_are_let_go)
{
  FakeMotors motors({"dm8009:1:17", "ak80-9:2:0", "r86:3:3"});
  SocketcanMitBackend backend(kJoints, config_for(motors.bus()));
  const auto refusal = refusal_of(backend, 0.5);
  EXPECT_NE(refusal.find("joint 'robstride' (rs02"), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("id 4"), std::string::npos) << refusal;
  EXPECT_TRUE(comes(motors, "where 2", " 0 "));
}

TEST(SocketcanMit, a_drive_with_another_range_is_refused_before_it_is_enabled)
{
  FakeMotors motors(kMotors);
  motors.say("range 1");
  SocketcanMitBackend backend(kJoints, config_for(motors.bus()));
  const auto refusal = refusal_of(backend, kDeadline_s);
  EXPECT_NE(refusal.find("joint 'damiao'"), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("position scale"), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("25"), std::string::npos) << refusal;
  EXPECT_NE(motors.say("where 1").find(" 0 0"), std::string::npos);
}

TEST(SocketcanMit, the_drives_own_watchdog_ends_motion_when_the_host_is_killed)
{
  FakeMotors motors(kMotors);
  const auto host = ::fork();
  if (host == 0)
  {
    Rig rig(config_for(motors.bus()));
    rig.backend.activate(kDeadline_s);
    for (;;)
    {
      rig.cycle();
    }
  }
  const bool moved = comes(motors, "where 1", " 1 ");
  ::kill(host, SIGKILL);
  ::waitpid(host, nullptr, 0);
  ASSERT_TRUE(moved);
  EXPECT_TRUE(comes(motors, "where 1", " 0 1"));
}

TEST(SocketcanMit, read_and_write_neither_allocate_nor_lock)
{
  FakeMotors motors(kMotors);
  Rig rig(config_for(motors.bus()));
  rig.start();
  ActuatorOutput output;
  clear_trap();
  for (int i = 0; i < 100; ++i)
  {
    arm_trap(true);
    (void)rig.backend.read(rig.sample);
    rig.backend.write(output);
    arm_trap(false);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto seen = trapped();
  EXPECT_EQ(seen.allocations + seen.frees, 0U);
  EXPECT_EQ(seen.locks, 0U);
}

}  // namespace
}  // namespace neuraxis::test
