html_theme_options = {"sidebarx": 1, "nosidebar": True}
