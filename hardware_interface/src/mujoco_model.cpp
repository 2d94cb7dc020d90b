// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/mujoco_model.hpp"

#include <array>
#include <fstream>
#include <mutex>
#include <stdexcept>

namespace neuraxis
{
namespace
{

thread_local std::string last_warning;
mjfLogHandler outer_handler = nullptr;

void keep_warning(const mjLogMessage * message)
{
  if (message->level == mjLOG_WARNING)
  {
    last_warning = message->subject;
    return;
  }
  outer_handler(message);
}

/// Keeps MuJoCo from writing its log file into whatever folder the process was started in.
class WarningCatcher
{
public:
  WarningCatcher()
  {
    last_warning.clear();
    outer_handler = mju_setLogHandler(keep_warning);
  }
  ~WarningCatcher() { mju_setLogHandler(outer_handler); }
  WarningCatcher(const WarningCatcher &) = delete;
  auto operator=(const WarningCatcher &) -> WarningCatcher & = delete;
};

}  // namespace

auto load_mujoco_model(const std::string & path) -> mjModel *
{
  if (!std::ifstream(path).good())
  {
    throw std::invalid_argument("model file '" + path + "' cannot be read");
  }
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  const WarningCatcher catcher;
  const bool is_xml = path.size() > 4 && path.compare(path.size() - 4, 4, ".xml") == 0;
  std::array<char, 512> error{};
  mjModel * model = is_xml
    ? mj_loadXML(path.c_str(), nullptr, error.data(), static_cast<int>(error.size()))
    : mj_loadModel(path.c_str(), nullptr);
  if (model == nullptr)
  {
    throw std::invalid_argument(
      "model file '" + path + "' is no MuJoCo model: " + (is_xml ? error.data() : last_warning));
  }
  // A reset behind the loop's back would look like a healthy robot that jumped.
  model->opt.disableflags |= mjDSBL_AUTORESET;
  return model;
}

}  // namespace neuraxis
