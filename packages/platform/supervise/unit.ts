/** The systemd unit of an installation: `up` at boot, `down` before the machine goes. Pure. */
export function systemdUnit(options: { readonly program: string; readonly state: string; readonly cache: string }) {
  return `[Unit]
Description=Hofje, a hosting platform
Wants=network-online.target
After=network-online.target local-fs.target nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
Environment=HOFJE_STATE=${options.state} HOFJE_CACHE=${options.cache}
ExecStart=${options.program} up
ExecStop=${options.program} down
TimeoutStartSec=15min
TimeoutStopSec=3min
# Sites and services have control groups of their own beside this unit's: systemd must not end them with it.
KillMode=none

[Install]
WantedBy=multi-user.target
`;
}
