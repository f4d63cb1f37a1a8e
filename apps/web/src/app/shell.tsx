import { IconActivityHeartbeat, IconLayoutDashboard, IconServer2, IconSettings } from '@tabler/icons-react';
import { Link, Outlet } from '@tanstack/react-router';
import { useLiveRefresh } from '../api/live-refresh.ts';
import { BrowserClockNote, ZoneNote } from '../components/clock-note.tsx';
import { LiveBadge } from '../components/live-badge.tsx';
import { AccountMenu } from './account-menu.tsx';
import { Logo } from './logo.tsx';
import classes from './shell.module.css';

const PLACES = [
  { to: '/', label: 'Overview', Icon: IconLayoutDashboard },
  { to: '/tests', label: 'Tests', Icon: IconActivityHeartbeat },
  { to: '/agents', label: 'Agents', Icon: IconServer2 },
  { to: '/settings', label: 'Settings', Icon: IconSettings },
] as const;

/** The frame around each page: navigation, the current page, and whether it is live. */
export function Shell() {
  useLiveRefresh();
  return (
    <div className={classes.shell}>
      <button type="button" className={classes.skip} onClick={skipToMain}>
        Skip to content
      </button>
      <header className={classes.side}>
        <div className={classes.brand}>
          <Logo />
          <span>Netsonde</span>
        </div>
        <nav aria-label="Main" className={classes.nav}>
          {PLACES.map(({ to, label, Icon }) => (
            <Link key={to} to={to} activeOptions={{ exact: to === '/' }} className={classes.place ?? ''}>
              <Icon size={20} stroke={1.7} aria-hidden />
              <span>{label}</span>
            </Link>
          ))}
        </nav>
        <div className={classes.foot}>
          <LiveBadge />
          <div className={classes.zone}>
            <ZoneNote />
          </div>
          <AccountMenu />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={classes.main}>
        <div className={classes.narrowZone}>
          <ZoneNote />
        </div>
        <BrowserClockNote />
        <Outlet />
      </main>
    </div>
  );
}

/** A button, since the page's <base> would send a link to a fragment elsewhere. */
function skipToMain(): void {
  document.getElementById('main')?.focus();
}
