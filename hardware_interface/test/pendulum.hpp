// SPDX-License-Identifier: Apache-2.0
// A small MuJoCo world: a free body with an IMU and two driven joints above a floor.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace neuraxis::test
{

inline constexpr const char * kPendulumMjcf = R"(<mujoco>
  <option timestep="0.001" integrator="implicitfast"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 0.1"/>
    <body name="base" pos="0 0 0.1">
      <freejoint/>
      <geom type="box" size="0.3 0.3 0.1" mass="20"/>
      <site name="imu"/>
      <body name="arm" pos="0 0 0.2">
        <joint name="shoulder" axis="0 1 0" damping="0.1" armature="0.01"/>
        <geom type="capsule" fromto="0 0 0 0 0 0.3" size="0.03" mass="1"/>
        <body name="slider" pos="0 0 0.3">
          <joint name="finger" type="slide" axis="0 0 1" damping="1" armature="0.01"/>
          <geom type="box" size="0.02 0.02 0.02" mass="0.2"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="finger" joint="finger"/>
    <motor name="shoulder" joint="shoulder"/>
    <position name="servo" joint="shoulder"/>
  </actuator>
  <sensor>
    <framequat name="quat" objtype="site" objname="imu"/>
    <gyro name="gyro" site="imu"/>
    <accelerometer name="accel" site="imu"/>
    <jointpos name="extra" joint="finger"/>
  </sensor>
</mujoco>
)";

/// Writes the model to a file that is gone when this is.
class PendulumFile
{
public:
  explicit PendulumFile(const std::string & text = kPendulumMjcf)
  {
    std::string name = "/tmp/neuraxis_pendulum_XXXXXX.xml";
    close(mkstemps(name.data(), 4));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~PendulumFile() { std::remove(path_.c_str()); }
  PendulumFile(const PendulumFile &) = delete;
  auto operator=(const PendulumFile &) -> PendulumFile & = delete;

  [[nodiscard]] auto path() const -> const std::string & { return path_; }

private:
  std::string path_;
};

}  // namespace neuraxis::test
