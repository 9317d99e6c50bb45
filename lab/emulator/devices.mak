# The devices of the emulated host, and what else the machine types need is selected by QEMU's Kconfig.
# Each one left out is compile time saved.
CONFIG_I440FX=y
CONFIG_Q35=y
CONFIG_E1000E_PCI_EXPRESS=y
CONFIG_HPET=y
CONFIG_NVDIMM=y
CONFIG_PCIE_PORT=y
CONFIG_PVPANIC_ISA=y
CONFIG_PVPANIC_PCI=y
CONFIG_SERIAL_ISA=y
CONFIG_VIRTIO_BLK=y
CONFIG_VIRTIO_NET=y
CONFIG_VIRTIO_PCI=y
CONFIG_VIRTIO_SERIAL=y
