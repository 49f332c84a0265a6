import './design/tokens.css';
import './design/base.css';
import './design/font.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { makeQueryClient } from './api/client.ts';
import { App } from './frame/App.tsx';
import { makeRouter } from './router.tsx';

const place = document.getElementById('panel');
if (place === null) throw new Error('the page has no place for the panel');
const client = makeQueryClient();
createRoot(place).render(
  <StrictMode>
    <App client={client} router={makeRouter(client)} />
  </StrictMode>,
);
