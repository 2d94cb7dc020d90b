// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

#include "neuraxis/triple_buffer.hpp"

namespace neuraxis
{
namespace
{

TEST(TripleBuffer, has_nothing_new_until_written)
{
  TripleBuffer<int> buffer(7);
  EXPECT_FALSE(buffer.update());
  EXPECT_EQ(buffer.front(), 7);
}

TEST(TripleBuffer, the_reader_gets_the_newest_once)
{
  TripleBuffer<int> buffer;
  buffer.write(1);
  buffer.write(2);
  EXPECT_TRUE(buffer.update());
  EXPECT_EQ(buffer.front(), 2);
  EXPECT_FALSE(buffer.update());
  EXPECT_EQ(buffer.front(), 2);
}

TEST(TripleBuffer, values_are_whole_and_in_order_between_threads)
{
  constexpr std::uint64_t kLast = 100000;
  using Block = std::array<std::uint64_t, 32>;
  TripleBuffer<Block> buffer;
  std::thread writer(
    [&]
    {
      for (std::uint64_t i = 1; i <= kLast; ++i)
      {
        buffer.back().fill(i);
        buffer.publish();
      }
    });
  std::uint64_t last = 0;
  while (last < kLast)
  {
    if (!buffer.update())
    {
      std::this_thread::yield();
      continue;
    }
    const auto & block = buffer.front();
    for (const auto value : block)
    {
      ASSERT_EQ(value, block[0]);
    }
    ASSERT_GT(block[0], last);
    last = block[0];
  }
  writer.join();
}

}  // namespace
}  // namespace neuraxis
