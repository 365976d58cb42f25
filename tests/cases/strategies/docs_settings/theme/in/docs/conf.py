html_theme = "alabastr"
