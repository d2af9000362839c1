// Links what Convolt calls of OpenBLAS, to find out whether an archive can do without the rest.
extern "C" int cblas_sgemm(...);
extern "C" int cblas_sgemv(...);
extern "C" void openblas_set_num_threads(int);
extern "C" char* openblas_get_config();

int main() {
  openblas_set_num_threads(1);
  return openblas_get_config() ? cblas_sgemm() : cblas_sgemv();
}
