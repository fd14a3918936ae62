"""How `transforms/kernels/cleaning/mojibake/model.npz` is made; not used at run time."""
