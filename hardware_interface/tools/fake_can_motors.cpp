// SPDX-License-Identifier: Apache-2.0
// Drives on a CAN bus that is a Unix socket: real frames, simple bodies, faults on demand.
//
//   fake_can_motors SOCKET MOTOR:ID[:REPLY_ID] ...
//
// Lines on standard input switch faults: `silent ID`, `late ID MS`, `error ID CODE`, `wrong_id ID`,
// `corrupt ID`, `range ID`, `bus_off`, `ok`; `where ID` prints position, enabled and watchdog trips.
#include <linux/can.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "fake_motor.hpp"

namespace
{

using neuraxis::CanFrame;
using neuraxis::fake::kStep_s;
using neuraxis::fake::Motor;
using neuraxis::fake::now_s;

void send(int client, const CanFrame & frame)
{
  (void)::send(client, &frame, CAN_MTU, MSG_NOSIGNAL | MSG_DONTWAIT);
}

struct Late
{
  double due_s;
  CanFrame frame;
};

}  // namespace

int main(int argc, char ** argv)
{
  std::vector<Motor> motors;
  for (int i = 2; i < argc; ++i)
  {
    std::stringstream words(argv[i]);
    std::string name;
    std::string id;
    std::string reply;
    std::getline(words, name, ':');
    std::getline(words, id, ':');
    std::getline(words, reply, ':');
    Motor motor;
    const auto * const model = neuraxis::find_motor(name);
    if (model == nullptr)
    {
      std::cerr << "unknown motor '" << name << "'\n";
      return 2;
    }
    motor.model = *model;
    motor.id = static_cast<std::uint32_t>(std::stoul(id, nullptr, 0));
    motor.reply_id =
      reply.empty() ? motor.id : static_cast<std::uint32_t>(std::stoul(reply, nullptr, 0));
    motors.push_back(motor);
  }
  if (motors.empty())
  {
    std::cerr << "usage: fake_can_motors SOCKET MOTOR:ID[:REPLY_ID] ...\n";
    return 2;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, argv[1], sizeof(address.sun_path) - 1);
  ::unlink(argv[1]);
  const int server = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (
    ::bind(server, reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0 ||
    ::listen(server, 1) != 0)
  {
    std::perror("fake_can_motors");
    return 1;
  }
  std::cout << "ready" << std::endl;

  int client = -1;
  double passed_s = now_s();
  std::deque<Late> late;
  std::string typed;
  for (;;)
  {
    pollfd polls[2] = {{client >= 0 ? client : server, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    ::poll(polls, 2, 1);
    const double time_s = now_s();
    while (passed_s < time_s)
    {
      passed_s += kStep_s;
      for (auto & motor : motors)
      {
        motor.pass(passed_s);
      }
    }
    while (!late.empty() && late.front().due_s <= time_s && client >= 0)
    {
      send(client, late.front().frame);
      late.pop_front();
    }
    if ((polls[1].revents & (POLLIN | POLLHUP)) != 0)
    {
      char buffer[256];
      const auto size = ::read(STDIN_FILENO, buffer, sizeof(buffer));
      if (size <= 0)
      {
        return 0;
      }
      typed.append(buffer, static_cast<std::size_t>(size));
    }
    for (auto end = typed.find('\n'); end != std::string::npos; end = typed.find('\n'))
    {
      std::istringstream words(typed.substr(0, end));
      typed.erase(0, end + 1);
      std::string what;
      std::uint32_t id = 0;
      double value = 0.0;
      words >> what >> id >> value;
      if (what == "bus_off" && client >= 0)
      {
        ::close(client);
        client = -1;
      }
      for (auto & motor : motors)
      {
        if (what == "ok")
        {
          motor.silent = motor.wrong_id = motor.corrupt = motor.wrong_range = false;
          motor.late_s = 0.0;
          motor.error = 0;
        }
        else if (motor.id == id)
        {
          motor.silent = motor.silent || what == "silent";
          motor.wrong_id = motor.wrong_id || what == "wrong_id";
          motor.corrupt = motor.corrupt || what == "corrupt";
          motor.wrong_range = motor.wrong_range || what == "range";
          motor.late_s = what == "late" ? 1e-3 * value : motor.late_s;
          motor.error = what == "error" ? static_cast<unsigned>(value) : motor.error;
          if (what == "where")
          {
            std::cout << motor.pos << " " << motor.enabled << " " << motor.trips << std::endl;
          }
        }
      }
      if (what != "where")
      {
        std::cout << "done" << std::endl;
      }
    }
    if ((polls[0].revents & (POLLIN | POLLHUP)) == 0)
    {
      continue;
    }
    if (client < 0)
    {
      client = ::accept(server, nullptr, nullptr);
      continue;
    }
    CanFrame frame;
    for (;;)
    {
      const auto size = ::recv(client, &frame, sizeof(frame), MSG_DONTWAIT);
      if (size == 0)
      {
        ::close(client);
        client = -1;
      }
      if (size <= 0)
      {
        break;
      }
      for (auto & motor : motors)
      {
        CanFrame answer;
        if (!motor.hear(frame, answer) || motor.silent)
        {
          continue;
        }
        if (motor.late_s > 0.0)
        {
          late.push_back({time_s + motor.late_s, answer});
        }
        else
        {
          send(client, answer);
        }
      }
    }
  }
}
