// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include "neuraxis/shared_world.hpp"
#include "pendulum.hpp"

namespace neuraxis::test
{
namespace
{

const std::vector<std::string> kJoints{"shoulder", "finger"};

auto with_keyframe() -> std::string
{
  std::string text = kPendulumMjcf;
  return text.replace(
    text.find("</mujoco>"), 9,
    R"(<keyframe><key name="ready" qpos="0 0 0.1 1 0 0 0 0.25 0"/></keyframe></mujoco>)");
}

/// Maps a world file as another process would.
class Watcher
{
public:
  explicit Watcher(const std::string & path)
  {
    const int file = open(path.c_str(), O_RDONLY);
    size_ = static_cast<std::size_t>(lseek(file, 0, SEEK_END));
    memory_ = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
    close(file);
  }
  ~Watcher() { munmap(memory_, size_); }
  Watcher(const Watcher &) = delete;
  auto operator=(const Watcher &) -> Watcher & = delete;

  [[nodiscard]] auto header() const -> const WorldFileHeader &
  {
    return *static_cast<const WorldFileHeader *>(memory_);
  }
  [[nodiscard]] auto qpos() const -> const double *
  {
    return reinterpret_cast<const double *>(&header() + 1);
  }

private:
  std::size_t size_ = 0;
  void * memory_ = nullptr;
};

class SharedWorldTest : public ::testing::Test
{
protected:
  void SetUp() override
  {
    std::string folder = "/tmp/neuraxis_world_XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  PendulumFile model_{with_keyframe()};
};

TEST_F(SharedWorldTest, starts_in_its_keyframe_and_shows_itself_to_others)
{
  const auto path = (folder_ / "world").string();
  SharedMujocoBackend world(model_.path(), kJoints, {}, path, "ready");
  const Watcher watcher(path);
  EXPECT_EQ(watcher.header().magic, WorldFileHeader::kMagic);
  EXPECT_EQ(watcher.header().nq, world.qpos_size());
  EXPECT_EQ(watcher.header().nv, world.qvel_size());
  for (int i = 0; i < 20; ++i)
  {
    world.advance(0.001);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::abs(watcher.header().time_s - 0.020) > 1e-9)
  {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_NEAR(watcher.qpos()[7], 0.25, 0.05);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(watcher.header().stamp_s, std::chrono::duration<double>(now).count(), 10.0);
}

TEST_F(SharedWorldTest, takes_its_file_away)
{
  const auto path = (folder_ / "world").string();
  {
    const SharedMujocoBackend world(model_.path(), kJoints, {}, path, "");
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(SharedWorldTest, needs_neither_file_nor_keyframe)
{
  SharedMujocoBackend world(model_.path(), kJoints, {}, "", "");
  world.advance(0.001);
  EXPECT_DOUBLE_EQ(world.time_s(), 0.001);
}

TEST_F(SharedWorldTest, names_the_keyframe_and_the_path_that_do_not_exist)
{
  const auto refusal = [this](const std::string & path, const std::string & key) -> std::string
  {
    try
    {
      const SharedMujocoBackend world(model_.path(), kJoints, {}, path, key);
    }
    catch (const std::exception & error)
    {
      return error.what();
    }
    return {};
  };
  EXPECT_NE(refusal("", "asleep").find("keyframe 'asleep'"), std::string::npos);
  const auto nowhere = (folder_ / "none" / "world").string();
  EXPECT_NE(refusal(nowhere, "").find(nowhere), std::string::npos);
}

}  // namespace
}  // namespace neuraxis::test
