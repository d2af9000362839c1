// GCC's unwinder, where it was made for glibc 2.35 or newer, asks it for the program part around an address and its table
// of frames. musl has no such call, so this answers from the list of parts that are loaded.
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
#include <stdint.h>

struct dl_find_object {
  unsigned long long flags;
  void* begin;
  void* end;
  struct link_map* link_map;
  void* frames;
  unsigned long long reserved[7];
};

struct search {
  uintptr_t address;
  struct dl_find_object* found;
};

// 0 to go on with the next loaded object, 1 when this one has the address, -1 when it has but no table.
static int look_into(struct dl_phdr_info* object, size_t size, void* argument) {
  (void)size;
  const struct search* search = argument;
  int is_inside = 0;
  uintptr_t frames = 0;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)* part = &object->dlpi_phdr[i];
    const uintptr_t begin = object->dlpi_addr + part->p_vaddr;
    if (part->p_type == PT_GNU_EH_FRAME) frames = begin;
    if (part->p_type != PT_LOAD || search->address - begin >= part->p_memsz) continue;
    is_inside = 1;
    search->found->begin = (void*)begin;
    search->found->end = (void*)(begin + part->p_memsz);
  }
  if (!is_inside) return 0;
  search->found->flags = 0;
  search->found->link_map = NULL;
  search->found->frames = (void*)frames;
  return frames ? 1 : -1;
}

__attribute__((visibility("hidden"))) int _dl_find_object(void* address, struct dl_find_object* found) {
  struct search search = {(uintptr_t)address, found};
  return dl_iterate_phdr(look_into, &search) == 1 ? 0 : -1;
}
