"""Settings that serve these objects better, judged by the real assigner."""
