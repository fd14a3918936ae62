"""How `transforms/kernels/mojibake/model.npz` is made; not used at run time."""
