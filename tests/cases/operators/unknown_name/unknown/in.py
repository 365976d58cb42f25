# at: output_path
def writer(output, encoding):
    def write(text):
        with open(output_path, "a") as stream:
            stream.write(text)

    return write
