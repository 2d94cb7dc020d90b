// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backend_factory.hpp"
#include "neuraxis/backend.hpp"
#include "sensor_msgs/msg/imu.hpp"
#include "wire_node.hpp"
#include "wire_params.hpp"
#include "wire_space.hpp"
#include "wire_state.hpp"
#include "wire_writer.hpp"

namespace neuraxis
{

/// Backend over ROS 2 topics of a vendor. The robot's messages arrive on an executor thread of the
/// backend's own; the loop exchanges with it and with the writer through triple buffers only.
///
/// Activation: listen → every source has spoken → rates measured → nobody else commands → take
/// over → the robot listens → writer runs. With `probe` it ends after the rates and never publishes.
class WireBackend : public Backend
{
public:
  ~WireBackend() override;

  [[nodiscard]] auto joint_names() const -> const std::vector<std::string> & override;
  [[nodiscard]] auto extra_names() const -> const std::vector<std::string> & override;
  [[nodiscard]] auto extra_widths() const -> const std::vector<std::size_t> & override;
  void activate(double timeout_s) override;
  void deactivate(double timeout_s) override;
  [[nodiscard]] auto time_s() const noexcept -> double override;
  auto read(StateSample & sample) noexcept -> ReadResult override;
  void write(const ActuatorOutput & output) noexcept override;
  void advance(double period_s) noexcept override;
  void check_period(double period_s) const override;

  /// Messages per second of each source, as measured at activation.
  [[nodiscard]] auto measured_rates() const -> const std::vector<double> & { return rates_; }
  /// What the newest fault is, in words; off the loop.
  [[nodiscard]] auto fault_text() const -> std::string { return receiver_.fault_text(); }

protected:
  explicit WireBackend(const BackendRequest & request);

  // What a vendor adds. All of it runs off the loop, `send` on the writer's thread.
  virtual void listen() = 0;
  /// Silences the robot's own controller. Throws where that fails, with the robot as it was.
  virtual void take_over(Clock::time_point /*deadline*/) {}
  /// Wakes the robot's own controller again. Throws where that cannot be verified.
  virtual void hand_back(Clock::time_point /*deadline*/) {}
  /// Creates publishers and fills messages so that `send` need not allocate.
  virtual void open_commands() = 0;
  virtual void close_commands() = 0;
  virtual void send(const WireOutput & output) = 0;
  /// Topics that only one may publish on.
  [[nodiscard]] virtual auto command_topics() const -> std::vector<std::string>;
  /// Whether another publisher that keeps silent is tolerated: the robot's own controller does
  /// not destroy its publishers when it is told to rest.
  [[nodiscard]] virtual auto tolerates_silent_owners() const -> bool { return false; }
  /// Messages of others on the command topics so far.
  [[nodiscard]] virtual auto overheard() const -> std::uint64_t { return 0; }

  /// For the destructor of a vendor's class: hands back what is still held and ends the threads
  /// that call into it.
  void leave() noexcept;
  void listen_to_imu();
  /// Places of a message's entries in the flat wire arrays; checks names only where they change.
  template <typename Entries>
  auto places(std::size_t group, const Entries & entries) -> const std::vector<std::size_t> *;
  /// The joints of a group as the robot itself calls them, in the vendor's order: an Ultra has
  /// names of its own, and a command with other names is dropped.
  [[nodiscard]] auto spoken_names(std::size_t group) -> std::vector<std::string>;
  [[nodiscard]] auto state_qos() const -> rclcpp::QoS;
  [[nodiscard]] auto command_qos() const -> rclcpp::QoS;

  WireParams params_;
  std::vector<std::string> joint_names_;
  WireSpace space_;
  WireReceiver receiver_;
  std::unique_ptr<WireNode> node_;
  JointTuple wire_;

private:
  struct Names
  {
    std::vector<std::string> last;
    std::vector<std::size_t> places;
    bool valid = false;
  };

  void start_listening();
  void wait_for_state(Clock::time_point deadline);
  void measure_rates();
  void check_owners();
  void check_silence();
  void watch_owners();
  void wait_for_listeners(Clock::time_point deadline);
  [[nodiscard]] auto source_name(std::size_t source) const -> std::string;
  auto check_names(std::size_t group, const std::vector<std::string> & names) -> Names &;

  std::string node_name_;
  std::string namespace_;
  std::string imu_topic_;
  std::array<double, 9> imu_mount_{};
  double rate_min_hz_;
  double rate_window_s_;
  double silence_s_;
  double gap_max_s_;
  double damping_s_;
  bool probe_;
  bool check_owners_;
  std::vector<std::string> extra_names_;
  std::vector<std::size_t> extra_widths_;
  std::vector<Names> names_;
  std::mutex names_mutex_;
  std::vector<double> rates_;
  std::vector<std::string> tolerated_;
  std::mutex tolerated_mutex_;
  std::uint64_t overheard_ = 0;
  rclcpp::Subscription<sensor_msgs::msg::Imu>::SharedPtr imu_;
  rclcpp::TimerBase::SharedPtr owner_timer_;
  WireWriter writer_;
  WireOutput outgoing_;
  std::atomic<bool> active_{false};
  std::atomic<bool> commanding_{false};
};

template <typename Entries>
auto WireBackend::places(std::size_t group, const Entries & entries)
  -> const std::vector<std::size_t> *
{
  auto & known = names_[group];
  bool same = known.valid && known.last.size() == entries.size();
  for (std::size_t i = 0; same && i < entries.size(); ++i)
  {
    same = entries[i].name == known.last[i];
  }
  if (!same)
  {
    std::vector<std::string> names;
    for (const auto & entry : entries)
    {
      names.push_back(entry.name);
    }
    check_names(group, names);
  }
  return known.valid ? &known.places : nullptr;
}

}  // namespace neuraxis
