import { expect, it } from 'vitest';
import { ApiError, fieldError, fieldLines } from './api-error.ts';

const error = new ApiError({
  status: 422,
  code: 'invalid_request',
  title: 'Invalid request',
  fields: [
    { path: 'targets[0].address', message: 'is no host' },
    { path: '/name', message: 'is empty' },
    { path: '', message: 'as a whole' },
  ],
});

it('fieldError finds the message of a field, with any notation of its path', () => {
  expect(fieldError(error, 'targets.0.address')).toBe('is no host');
  expect(fieldError(error, 'name')).toBe('is empty');
  expect(fieldError(error, 'targets.0')).toBe('is no host');
  expect(fieldError(error, 'targets.1')).toBeUndefined();
  expect(fieldError(error, 'target')).toBeUndefined();
  expect(fieldError(error, 'other')).toBeUndefined();
  expect(fieldError(new Error('x'), 'name')).toBeUndefined();
});

it('messages of fields have the words of the form instead of the names of the API', () => {
  expect(fieldLines(error)).toEqual(['Targets 1 address: is no host', 'Name: is empty', 'as a whole']);
  const labelOf = (path: string) => (path === 'targets.0.address' ? 'First target' : path);
  expect(fieldLines(error, labelOf, (path) => path === 'name')).toEqual(['First target: is no host', 'as a whole']);
  expect(fieldLines(new Error('x'))).toEqual([]);
});
