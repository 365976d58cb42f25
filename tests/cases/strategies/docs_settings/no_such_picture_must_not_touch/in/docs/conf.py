html_logo = "a.png"
