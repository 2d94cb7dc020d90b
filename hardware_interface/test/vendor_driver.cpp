// SPDX-License-Identifier: Apache-2.0
// Drives one vendor backend by lines on standard input and answers each with one line of JSON, so
// that a test can put it in front of a fake robot. Arguments: backend, file with `key<TAB>value`
// parameters, joints.
//
//   activate T | deactivate T | run T | gains KP KD | offset X | text
#include <algorithm>
#include <cmath>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <sstream>
#include <string>

#include "cooperative_backend.hpp"
#include "neuraxis/rt.hpp"
#include "realtime_trap.hpp"
#include "wire_backend.hpp"
#ifdef NEURAXIS_HAS_AIMDK_MSGS
#include "aimdk_hal_backend.hpp"
#endif
#ifdef NEURAXIS_HAS_JOINT_MSGS
#include "body_drive_backend.hpp"
#endif

namespace
{

using namespace neuraxis;

[[nodiscard]] auto quoted(const std::string & text) -> std::string
{
  std::string out = "\"";
  for (const char letter : text)
  {
    out += (letter == '"' || letter == '\\') ? std::string("\\") + letter : std::string(1, letter);
  }
  return out + "\"";
}

/// JSON has no word for what is not a number.
[[nodiscard]] auto shown(double value) -> double { return std::isfinite(value) ? value : 1e9; }

[[nodiscard]] auto make(const BackendRequest & request) -> std::unique_ptr<Backend>
{
#ifdef NEURAXIS_HAS_AIMDK_MSGS
  if (request.backend == "aimdk_hal")
  {
    return make_aimdk_hal(request);
  }
#endif
#ifdef NEURAXIS_HAS_JOINT_MSGS
  if (request.backend == "body_drive")
  {
    return make_body_drive(request);
  }
#endif
  return make_cooperative(request);
}

/// Holds the pose found at activation, plus an offset, at 1 kHz.
class Driver
{
public:
  explicit Driver(const BackendRequest & request)
  : backend_(make(request)), count_(request.joints.size())
  {
  }

  auto obey(const std::string & line) -> std::string
  {
    std::istringstream words(line);
    std::string verb;
    double value = 0.0;
    words >> verb >> value;
    if (verb == "activate")
    {
      backend_->activate(value);
      held_ = false;
      return rates();
    }
    if (verb == "deactivate")
    {
      backend_->deactivate(value);
      return "{\"ok\": true}";
    }
    if (verb == "run")
    {
      return run(value);
    }
    if (verb == "gains")
    {
      output_.target.kp = filled(value);
      words >> value;
      output_.target.kd = filled(value);
      return "{\"ok\": true}";
    }
    if (verb == "offset")
    {
      offset_ = value;
      return "{\"ok\": true}";
    }
    auto * const wire = dynamic_cast<WireBackend *>(backend_.get());
    return "{\"text\": " + quoted(wire == nullptr ? "" : wire->fault_text()) + "}";
  }

private:
  [[nodiscard]] auto rates() const -> std::string
  {
    std::string out;
    for (const double rate : dynamic_cast<WireBackend &>(*backend_).measured_rates())
    {
      out += (out.empty() ? "" : ", ") + std::to_string(rate);
    }
    return "{\"rates\": [" + out + "]}";
  }

  auto run(double duration_s) -> std::string
  {
    constexpr std::int64_t kPeriod_ns = 1'000'000;
    std::size_t seen[3] = {0, 0, 0};
    std::int32_t code = 0;
    double age_s = 0.0;
    test::clear_trap();
    auto wake_ns = monotonic_ns();
    const auto end_ns = wake_ns + static_cast<std::int64_t>(duration_s * 1e9);
    while (wake_ns < end_ns)
    {
      test::arm_trap(true);
      const auto result = backend_->read(sample_);
      ++seen[static_cast<std::size_t>(result.status)];
      if (result.status == ReadStatus::fresh)
      {
        newest_ = sample_;
        age_s = std::max(age_s, backend_->time_s() - sample_.stamp_s);
        start_ = held_ ? start_ : newest_.pos;
        held_ = true;
      }
      code = result.status == ReadStatus::error ? result.error_code : code;
      command();
      if (held_)
      {
        backend_->write(output_);
      }
      backend_->advance(1e-3);
      test::arm_trap(false);
      wake_ns = std::max(wake_ns + kPeriod_ns, monotonic_ns() - 5 * kPeriod_ns);
      sleep_until_ns(wake_ns);
    }
    return report(seen, code, age_s);
  }

  void command() noexcept
  {
    for (std::size_t i = 0; i < count_; ++i)
    {
      auto & target = output_.target;
      target.pos[i] = start_[i] + offset_;
      output_.effort_total[i] = target.kp[i] * (target.pos[i] - newest_.pos[i]) +
        target.kd[i] * (target.vel[i] - newest_.vel[i]);
    }
  }

  [[nodiscard]] auto report(const std::size_t (&seen)[3], std::int32_t code, double age_s) const
    -> std::string
  {
    const auto counted = test::trapped();
    std::ostringstream out;
    out << "{\"fresh\": " << seen[0] << ", \"silent\": " << seen[1] << ", \"error\": " << seen[2]
        << ", \"code\": " << code << ", \"age_s\": " << age_s
        << ", \"allocations\": " << counted.allocations << ", \"locks\": " << counted.locks
        << ", \"safety_state\": " << newest_.safety_state << ", \"battery\": ["
        << shown(newest_.battery.charge) << ", " << shown(newest_.battery.voltage_V) << ", "
        << shown(newest_.battery.current_A) << ", " << shown(newest_.battery.temperature_C)
        << "], \"feet\": [" << newest_.foot_force_N[0] << ", " << newest_.foot_force_N[1]
        << "], \"nan\": "
        << (std::isnan(sample_.pos[0]) ? "true" : "false") << ", \"pos\": [";
    for (std::size_t i = 0; i < count_; ++i)
    {
      out << (i == 0 ? "" : ", ") << shown(newest_.pos[i]);
    }
    out << "]}";
    return out.str();
  }

  std::unique_ptr<Backend> backend_;
  std::size_t count_;
  StateSample sample_;
  StateSample newest_;
  ActuatorOutput output_;
  JointArray start_{};
  double offset_ = 0.0;
  bool held_ = false;
};

}  // namespace

auto main(int argc, char ** argv) -> int
{
  BackendRequest request;
  request.backend = argc > 1 ? argv[1] : "";
  request.joints.assign(argv + std::min(argc, 3), argv + argc);
  std::ifstream file(argc > 2 ? argv[2] : "");
  for (std::string line; std::getline(file, line);)
  {
    const auto tab = line.find('\t');
    request.params[line.substr(0, tab)] = line.substr(tab + 1);
  }
  std::unique_ptr<Driver> driver;
  try
  {
    driver = std::make_unique<Driver>(request);
    std::cout << "{\"ready\": true}" << std::endl;
  }
  catch (const std::exception & refusal)
  {
    std::cout << "{\"refused\": " << quoted(refusal.what()) << "}" << std::endl;
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);)
  {
    try
    {
      std::cout << driver->obey(line) << std::endl;
    }
    catch (const std::exception & error)
    {
      std::cout << "{\"error\": " << quoted(error.what()) << "}" << std::endl;
    }
  }
  return 0;
}
