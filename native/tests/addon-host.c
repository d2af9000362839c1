// Loads an addon as Node would, where there is no Node: every function of Node-API that it asks for is there, and
// refuses.
#include <dlfcn.h>
#include <stdio.h>

#define REFUSES(name) \
  int name(void) { return 9; /* napi_generic_failure */ }
#include "node-api.inc"

int main(int count, char** words) {
  if (count != 2) return 2;
  void* addon = dlopen(words[1], RTLD_NOW);
  if (!addon) return fprintf(stderr, "%s\n", dlerror()), 1;
  int (*version)(void) = (int (*)(void))dlsym(addon, "node_api_module_get_api_version_v1");
  if (!version || !dlsym(addon, "napi_register_module_v1")) return fprintf(stderr, "not an addon\n"), 1;
  printf("loaded an addon of Node-API %d\n", version());
  return 0;
}
