import { render } from 'preact';
import { elementById, embeddedResult } from './embedded-result.ts';
import { Page } from './page.tsx';
import './page.css';

render(<Page result={embeddedResult()} />, elementById('page'));
