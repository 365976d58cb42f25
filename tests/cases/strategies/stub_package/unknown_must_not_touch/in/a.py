import strange.lib
