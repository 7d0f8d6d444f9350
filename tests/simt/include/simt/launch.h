// cudaLaunchKernelEx: the real runtime has this very template, so a launch needs no <<<>>> and its arguments are
// type-checked.
#pragma once

#include "runtime_types.h"

#include <memory>
#include <tuple>
#include <utility>

namespace simt {

// A kernel with its arguments, ready to be run once per thread, now or at each replay of a graph.
struct KernelCall {
    const void* function;
    void (*run_thread)(const void* arguments);
    std::shared_ptr<const void> arguments;
    size_t argument_bytes;
};
cudaError_t launch(const cudaLaunchConfig_t* config, KernelCall call);

template <class... Parameters>
struct BoundKernel {
    void (*function)(Parameters...);
    std::tuple<Parameters...> arguments;

    static void run_thread(const void* self) {
        const auto* bound = static_cast<const BoundKernel*>(self);
        std::apply(bound->function, bound->arguments);
    }
};

}  // namespace simt

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
    using Bound = simt::BoundKernel<Parameters...>;
    auto bound =
        std::make_shared<Bound>(Bound{kernel, std::tuple<Parameters...>(std::forward<Arguments>(arguments)...)});
    return simt::launch(config, {reinterpret_cast<const void*>(kernel), Bound::run_thread, bound, sizeof(Bound)});
}
