// SPDX-License-Identifier: Apache-2.0
// Replaces malloc and the pthread locks for this executable and every library it loads, libmujoco
// included: symbols of the executable come first in the dynamic linker's search.
#include "realtime_trap.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <ctime>

namespace
{

thread_local bool is_armed = false;
std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> frees{0};
std::atomic<std::uint64_t> locks{0};

void count(std::atomic<std::uint64_t> & counter) noexcept
{
  if (is_armed)
  {
    counter.fetch_add(1, std::memory_order_relaxed);
  }
}

template <typename Function>
auto next(const char * name) noexcept -> Function
{
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

namespace neuraxis::test
{

void arm_trap(bool armed) noexcept { is_armed = armed; }

void clear_trap() noexcept
{
  allocations.store(0);
  frees.store(0);
  locks.store(0);
}

auto trapped() noexcept -> Trapped { return {allocations.load(), frees.load(), locks.load()}; }

}  // namespace neuraxis::test

extern "C"
{
// glibc's own entry points; going through dlsym would call malloc to find malloc.
void * __libc_malloc(std::size_t size);
void * __libc_calloc(std::size_t count, std::size_t size);
void * __libc_realloc(void * block, std::size_t size);
void * __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void * block);

void * malloc(std::size_t size)
{
  count(allocations);
  return __libc_malloc(size);
}

void * calloc(std::size_t items, std::size_t size)
{
  count(allocations);
  return __libc_calloc(items, size);
}

void * realloc(void * block, std::size_t size)
{
  count(allocations);
  return __libc_realloc(block, size);
}

void * memalign(std::size_t alignment, std::size_t size)
{
  count(allocations);
  return __libc_memalign(alignment, size);
}

void * aligned_alloc(std::size_t alignment, std::size_t size)
{
  count(allocations);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void ** block, std::size_t alignment, std::size_t size)
{
  count(allocations);
  *block = __libc_memalign(alignment, size);
  return *block != nullptr ? 0 : ENOMEM;
}

void free(void * block)
{
  count(frees);
  __libc_free(block);
}

int pthread_mutex_lock(pthread_mutex_t * mutex)
{
  static const auto real = next<int (*)(pthread_mutex_t *)>("pthread_mutex_lock");
  count(locks);
  return real(mutex);
}

int pthread_rwlock_rdlock(pthread_rwlock_t * lock)
{
  static const auto real = next<int (*)(pthread_rwlock_t *)>("pthread_rwlock_rdlock");
  count(locks);
  return real(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t * lock)
{
  static const auto real = next<int (*)(pthread_rwlock_t *)>("pthread_rwlock_wrlock");
  count(locks);
  return real(lock);
}

int pthread_cond_wait(pthread_cond_t * condition, pthread_mutex_t * mutex)
{
  static const auto real = next<int (*)(pthread_cond_t *, pthread_mutex_t *)>("pthread_cond_wait");
  count(locks);
  return real(condition, mutex);
}

int sem_wait(sem_t * semaphore)
{
  static const auto real = next<int (*)(sem_t *)>("sem_wait");
  count(locks);
  return real(semaphore);
}
}
