from blog.post import title
