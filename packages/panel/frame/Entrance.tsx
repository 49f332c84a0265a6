import { Outlet } from '@tanstack/react-router';
import { Sign } from '../parts/icons.tsx';
import { LanguageSwitch } from './LanguageSwitch.tsx';
import './entrance.css';

/** Around the pages before the door. */
export function Entrance() {
  return (
    <div className="entrance">
      <header className="entrance-head">
        <span className="entrance-sign">
          <Sign size={32} />
          <span className="entrance-name">Hofje</span>
        </span>
        <LanguageSwitch />
      </header>
      <main className="entrance-main" id="main">
        <div className="entrance-card">
          <Outlet />
        </div>
      </main>
      <Street />
    </div>
  );
}

/** The row of houses at the foot: gables of Dutch steps, necks and bells; a few windows are lit. */
function Street() {
  return (
    <svg className="street" viewBox="0 0 1200 150" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
      <g className="street-far">
        <path d="M0 150V84l34-30 34 30v66zM68 150V62h12V50h12V38h20v12h12v12h12v88zM136 150V78c0-14 10-14 14-26 3-9 10-12 18-12s15 3 18 12c4 12 14 12 14 26v72zM200 150V90l38-34 38 34v60zM276 150V70h13V56h13V42h22v14h13v14h13v80zM350 150V80l30-28 30 28v70zM410 150V84c0-12 9-14 12-24 3-8 9-12 17-12s14 4 17 12c3 10 12 12 12 24v66zM468 150V66h14V52h13V38h24v14h13v14h14v84zM546 150V88l36-32 36 32v62zM618 150V72c0-14 10-14 14-26 3-9 10-13 18-13s15 4 18 13c4 12 14 12 14 26v78zM682 150V82l33-30 33 30v68zM748 150V64h13V51h12V38h22v13h12v13h13v86zM820 150V86l37-32 37 32v64zM894 150V76c0-13 9-14 13-25 3-8 9-12 17-12s14 4 17 12c4 11 13 12 13 25v74zM954 150V84l32-28 32 28v66zM1018 150V66h13V53h12V40h22v13h12v13h13v84zM1090 150V88l34-30 34 30v62zM1158 150V74h12V62h12V50h18v100z" />
      </g>
      <g className="street-lamps">
        <path d="M27 100h14v18H27zM95 78h14v18H95zM231 108h14v18h-14zM432 100h14v18h-14zM500 78h14v18h-14zM643 82h14v18h-14zM777 78h14v18h-14zM917 88h14v18h-14zM1047 80h14v18h-14z" />
      </g>
    </svg>
  );
}
