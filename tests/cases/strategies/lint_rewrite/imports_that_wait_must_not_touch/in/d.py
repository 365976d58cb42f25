import os

numpy = importorskip("numpy")
from pkg import views
