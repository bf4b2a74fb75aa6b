"""The program around the physics: configs, results, figures and the command line."""
