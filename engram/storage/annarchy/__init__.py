"""Files of ANNarchy 4.8 and 5.0, read and written: values of attributes, as dictionaries of dictionaries."""
