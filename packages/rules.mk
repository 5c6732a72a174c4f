# SPDX-License-Identifier: GPL-2.0-or-later
#
# `make deb`: Debian packages of what is built, in build/packages: packages/build.

PACKAGES := build/packages
PACKAGES_FILES := $(wildcard packages/* doc/*.[17] doc/*.md cluster/* guests/linux/* guests/linux-patches/*.patch guests/linux-patches/*/*.patch) \
	guests/linux-series guests/try-series README.md HACKING.md

.PHONY: deb deb-all
deb: packages metal-packages
	@$(MAKE) --no-print-directory deb-all

deb-all: $(PACKAGES)/.done

PACKAGES_METAL := $(METAL)/qemu-system-mips64el $(METAL)/qemu-system-mips64
$(PACKAGES_METAL): metal-qemu
	@:

$(PACKAGES)/.done: $(PACKAGES_FILES) $(PACKAGES_METAL) $(CROSS)/wedge/wedge $(CROSS)/wedge/wedgectl $(AFTERBURNER_PROGRAMS) \
		$(AFTERBURNER_AS) $(AFTERBURNER_PLUGIN) $(AFTERBURNER_MACROS) $(AFTERBURNER_NAMED)
	@rm -rf $(@D)
	$(Q)packages/build $(CACHE) $(@D) $(TARGET)
	@touch $@

test-needs: deb-all

# For tests/long/packages: what examines and installs them.
.PHONY: deb-packages
deb-packages:
	@host/install-packages $(CACHE) packages
test-long: deb-packages
